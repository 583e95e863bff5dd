/// How a store is made, in C++'s types. Knows the form of the URL, and leaves it to the library to judge the values.
#ifndef BYTESTORE_OPTIONS_HPP
#define BYTESTORE_OPTIONS_HPP

#include <cstdint>
#include <optional>
#include <string>

#include "error.hpp"
#include "time_to_live.hpp"

namespace bytestore {

/// Name, bounds, times and the clock of a store; by default there are no bounds, and entries stay until they are
/// deleted. A value of 0 is errc::invalid_argument when the store is made.
///
///     bytestore::options options;
///     options.max_bytes = 512u << 20;
///     options.ttl = std::chrono::hours(1);
///     bytestore::store cache(options);
///
/// In C++20: bytestore::store cache({.max_bytes = 512u << 20, .ttl = 1h}).
struct options {
    /// One store for all of this process that opens the same name, in whichever language: 1 to 255 of A-Z, a-z, 0-9,
    /// '.', '_', '-'. Who joins one that is there gives the options it was made with, or none. It ends with the last
    /// that is closed, namespaces included. Empty: a store of its own.
    std::string name = {};

    /// What all entries may take, in bytes: keys, values, and what stats::overhead_bytes counts. A store that is full
    /// lets the entries go that it will probably miss least.
    std::optional<std::uint64_t> max_bytes = std::nullopt;

    /// How many entries there may be. A store that is full does as above.
    std::optional<std::uint64_t> max_entries = std::nullopt;

    /// What one key and its value may have together, in bytes; more is errc::over_limit.
    std::optional<std::uint64_t> max_item_bytes = std::nullopt;

    /// How long an entry lives when it is set without saying.
    time_to_live ttl = forever;

    /// Time stands still but for store::advance_clock: for tests of programs that use a time to live.
    bool manual_clock = false;

    /// Keys and values are overwritten with zeroes where the store had them, as soon as they are deleted, overwritten,
    /// evicted or closed and their last values or view is gone; those that have ended, with the next write. Strings of
    /// your own, areas, and what mget_or_compute passes on are not.
    bool erase = false;

    /// What store::open takes for the same store: "memory:?max_entries=1000&ttl=3600000ms". A name that the rest of it
    /// would not stand apart from is errc::invalid_argument.
    std::string url() const {
        if (name.find('?') != std::string::npos) {
            throw error::of_url_part(errc::invalid_argument, name);
        }
        std::string url = "memory:" + name;
        char separator = '?';
        const auto add = [&](const char *option, const std::string &value) {
            url += separator + (option + ('=' + value));
            separator = '&';
        };
        if (max_bytes) {
            add("max_bytes", std::to_string(*max_bytes));
        }
        if (max_entries) {
            add("max_entries", std::to_string(*max_entries));
        }
        if (max_item_bytes) {
            add("max_item_bytes", std::to_string(*max_item_bytes));
        }
        if (ttl != forever) {
            add("ttl", std::to_string(ttl.milliseconds()) + "ms");
        }
        if (manual_clock) {
            add("clock", "manual");
        }
        if (erase) {
            add("erase", "true");
        }
        return url;
    }
};

} // namespace bytestore

#endif
