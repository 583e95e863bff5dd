/// How long entries live. Knows durations, and nothing of stores.
#ifndef BYTESTORE_TIME_TO_LIVE_HPP
#define BYTESTORE_TIME_TO_LIVE_HPP

#include <bytestore.h>

#include <chrono>
#include <cstdint>

namespace bytestore {

/// Any std::chrono::duration, rounded up to milliseconds, or bytestore::forever.
///
/// Zero, and what is below, is no time to live: a call with it is errc::invalid_argument. What is longer than the
/// library counts (584 million years) is as long as it counts.
class time_to_live {
  public:
    template <typename Rep, typename Period>
    constexpr time_to_live(std::chrono::duration<Rep, Period> duration) noexcept
        : milliseconds_(rounded_up(std::chrono::duration<long double, std::milli>(duration).count())) {}

    /// Until they are deleted, whatever the store's default.
    static constexpr time_to_live forever() noexcept { return time_to_live(BYTESTORE_NO_TTL); }

    /// As the C ABI takes it: 0 for what is no time to live, BYTESTORE_NO_TTL for ever.
    constexpr std::uint64_t milliseconds() const noexcept { return milliseconds_; }

    friend constexpr bool operator==(time_to_live a, time_to_live b) noexcept {
        return a.milliseconds_ == b.milliseconds_;
    }
    friend constexpr bool operator!=(time_to_live a, time_to_live b) noexcept { return !(a == b); }

  private:
    explicit constexpr time_to_live(std::uint64_t milliseconds) noexcept : milliseconds_(milliseconds) {}

    static constexpr std::uint64_t rounded_up(long double milliseconds) noexcept {
        constexpr std::uint64_t longest = BYTESTORE_NO_TTL - 1;
        if (!(milliseconds > 0)) { // nor a number at all
            return 0;
        }
        if (milliseconds >= static_cast<long double>(longest)) {
            return longest;
        }
        const auto whole = static_cast<std::uint64_t>(milliseconds);
        return whole + (static_cast<long double>(whole) < milliseconds);
    }

    std::uint64_t milliseconds_;
};

/// The time to live of entries that stay until they are deleted.
inline constexpr time_to_live forever = time_to_live::forever();

} // namespace bytestore

#endif
