// Durations as the library takes them. It must not know what they are for.

import CBytestore

extension Duration {
    /// Rounded up; 0 for none and for what is below. What is longer than the library counts (584 million years) is as
    /// long as it counts, which is not for ever.
    var wholeMilliseconds: UInt64 {
        guard self > .zero else { return 0 }
        let longest = bytestore_no_ttl - 1
        let attosecondsEach: Int64 = 1_000_000_000_000_000
        let (seconds, attoseconds) = components
        let (whole, isTooMuch) = UInt64(seconds).multipliedReportingOverflow(by: 1000)
        let (sum, isTooMuchNow) = whole.addingReportingOverflow(
            UInt64((attoseconds + attosecondsEach - 1) / attosecondsEach))
        return isTooMuch || isTooMuchNow ? longest : min(sum, longest)
    }
}
