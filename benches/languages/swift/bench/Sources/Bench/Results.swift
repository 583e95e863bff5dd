// Results as JSON lines on standard output, and for people on standard error. It must not know what is measured.

import Foundation

/// One comparison.
func report(
    _ shape: Shape, _ work: Case, form: String, peer: String, version: String,
    _ rates: (ours: [Double], theirs: [Double])
) {
    let ratio = median(zip(rates.ours, rates.theirs).map { $0 / $1 })
    let (entries, value, batch, threads) = (shape.entries, shape.value, work.batch, work.threads)
    say(
        "\(work.operation.rawValue) \(form), \(entries) × \(value) B, batch \(batch), threads \(threads): "
            + "\(rounded(ratio)) × \(peer); \(rounded(median(rates.ours))) M keys/s")
    print(
        """
        {"kind":"language","language":"swift","op":"\(work.operation.rawValue)","form":"\(form)",\
        "entries":\(entries),"key":\(Shape.key),"value":\(value),"batch":\(batch),"threads":\(threads),\
        "peer":"\(peer)","version":"\(version)",\
        "ours":[\(list(rates.ours))],"theirs":[\(list(rates.theirs))]}
        """)
}

/// One figure of one store.
func report(_ what: String, of store: String, entries: Int, _ value: Double) {
    say("\(what) of \(store), \(entries) entries: \(rounded(value))")
    print(
        """
        {"kind":"language_figure","language":"swift","what":"\(what)","store":"\(store)",\
        "entries":\(entries),"value":\(rounded(value))}
        """)
}

private func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
private func list(_ numbers: [Double]) -> String { numbers.map(rounded).joined(separator: ",") }
private func rounded(_ number: Double) -> String { String(format: "%.4g", number) }
private func median(_ numbers: [Double]) -> Double { numbers.sorted()[numbers.count / 2] }
