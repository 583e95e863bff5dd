/// The store. Everything here is one call of the C ABI.
#ifndef BYTESTORE_STORE_HPP
#define BYTESTORE_STORE_HPP

#include <bytestore.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "area.hpp"
#include "error.hpp"
#include "key_range.hpp"
#include "lists.hpp"
#include "options.hpp"
#include "scratch.hpp"
#include "stats.hpp"
#include "time_to_live.hpp"
#include "values.hpp"

namespace bytestore {

/// An in-process byte store. It owns its entries; its destructor closes it. Move-only.
///
/// Any thread may call any member at any time, close() included; only moving, assigning and
/// destroying need the object for themselves. A store that was closed or moved from answers every
/// call with errc::closed_handle.
///
/// Every function may throw bytestore::error, or std::bad_alloc for batches of more than small_batch (256): up to that
/// many keys or entries nothing is allocated here, beyond it one array for each list.
class store {
  public:
    /// A new, empty store without options: open("memory:").
    store() : handle_(open_handle("memory:")) {}

    /// A new store with these options: open(options.url()).
    explicit store(const options &options) : handle_(open_handle(options.url())) {}

    /// A new store as a URL describes it. An unknown scheme or option is errc::invalid_argument,
    /// and error::part() names it.
    static store open(const std::string &url) { return store(open_handle(url)); }

    store(store &&other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    store &operator=(store &&other) noexcept {
        store taken(std::move(other));
        swap(taken);
        return *this;
    }
    ~store() { close(); }

    void swap(store &other) noexcept { std::swap(handle_, other.handle_); }
    friend void swap(store &a, store &b) noexcept { a.swap(b); }

    /// Ends the store for all threads; calls under way finish. Values and key ranges live on.
    /// Closing again does nothing.
    void close() noexcept {
        // The handle stays: it is a number that means nothing now, and others may be reading it.
        bytestore_close(handle_);
    }

    /// Sets all entries in one step: other threads see all of them or none. The bytes are copied. Of
    /// equal keys the last value wins. Overwriting an entry keeps its place in the order. More than the store may hold
    /// is errc::over_limit, and changes nothing. They live as long as options::ttl says.
    void mset(const entry_list &entries) { set(entries, std::nullopt); }

    /// As above, and the entries live for `ttl`, or bytestore::forever, whatever options::ttl says: then they are as
    /// good as deleted, for every call at once. Setting an entry again gives it a new end or none. A `ttl` that is not
    /// above 0 is errc::invalid_argument.
    void mset(const entry_list &entries, time_to_live ttl) { set(entries, ttl); }

    /// As above, keys and values apart; errc::invalid_argument unless there are as many of both.
    void mset(const view_list &keys, const view_list &values) { set(keys, values, std::nullopt); }
    void mset(const view_list &keys, const view_list &values, time_to_live ttl) { set(keys, values, ttl); }

    /// Looks the keys up, all as of one moment. One answer for each key, equal keys too.
    values mget(const view_list &keys) const {
        detail::scratch slices(keys.size());
        keys.write(slices.data());
        values found;
        bytestore_buffer *const answers = found.buffer_.out();
        check(bytestore_mget(handle_, keys.size(), slices.data(), nullptr, answers), keys.size(), slices.data());
        return found;
    }

    /// Looks the keys up as mget does, but copies the values into `answers`, which is used again from call to call:
    /// nothing is allocated once it is large enough. The fastest form for one key, and for values that are copied
    /// anyway. The keys must not lie in `answers`, which is empty after an error.
    void mget_into(const view_list &keys, area &answers) const {
        const bytestore_slice *slices = answers.take(keys);
        bytestore_area memory;
        do {
            memory = answers.memory();
            check(bytestore_mget_into(handle_, keys.size(), slices, nullptr, &memory), keys.size(), slices);
        } while (answers.grows_to(memory.len));
        answers.place(keys.size());
    }

    /// Deletes the keys in one step and says how many there were. Missing and repeated keys are fine.
    std::size_t mdelete(const view_list &keys) {
        detail::scratch slices(keys.size());
        keys.write(slices.data());
        std::size_t removed = 0;
        check(bytestore_mdelete(handle_, keys.size(), slices.data(), nullptr, &removed), keys.size(), slices.data());
        return removed;
    }

    /// The keys that begin with `prefix`, byte by byte, in insertion order.
    key_range keys(std::string_view prefix = {}) const {
        bytestore_cursor *cursor = nullptr;
        const bytestore_slice slice = detail::slice_of(prefix);
        detail::check(bytestore_keys(handle_, slice.ptr, slice.len, &cursor));
        return key_range(cursor);
    }

    /// How many entries there are.
    std::size_t size() const {
        std::size_t size = 0;
        detail::check(bytestore_len(handle_, &size));
        return size;
    }

    /// What happened in this store since it was made, and what is in it now: a moment's work, whatever is in it.
    /// An mget_into whose area has to grow looks its keys up twice, and counts so.
    bytestore::stats stats() const {
        bytestore_counters c{};
        c.size = sizeof c;
        detail::check(bytestore_read_counters(handle_, &c));
        bytestore::stats stats;
        stats.hits = c.hits;
        stats.misses = c.misses;
        stats.sets = c.sets;
        stats.deletes = c.deletes;
        stats.evictions_by_bytes = c.evictions_by_bytes;
        stats.evictions_by_entries = c.evictions_by_entries;
        stats.expirations = c.expirations;
        stats.entries = c.entries;
        stats.key_bytes = c.key_bytes;
        stats.value_bytes = c.value_bytes;
        stats.overhead_bytes = c.overhead_bytes;
        stats.max_bytes = c.max_bytes;
        stats.max_entries = c.max_entries;
        return stats;
    }

    /// Turns the clock of a store that was made with options::manual_clock forward; errc::invalid_argument for a store
    /// with the system's clock, and for a time below 0.
    void advance_clock(std::chrono::milliseconds time) {
        if (time.count() < 0) {
            throw error(errc::invalid_argument, "time " + std::to_string(time.count()) + " ms");
        }
        detail::check(bytestore_advance_clock(handle_, static_cast<std::uint64_t>(time.count())));
    }

    /// The handle, for calls of bytestore.h. It remains this object's to close.
    bytestore_store *native_handle() const noexcept { return handle_; }

  private:
    explicit store(bytestore_store *handle) noexcept : handle_(handle) {}

    static bytestore_store *open_handle(const std::string &url) {
        if (bytestore_abi_version() != BYTESTORE_ABI_VERSION) {
            throw version_error();
        }
        // C would not see what stands behind a NUL.
        if (const std::size_t nul = url.find('\0'); nul != std::string::npos) {
            throw error::of_url_part(errc::invalid_argument, url.substr(nul));
        }
        bytestore_store *handle = nullptr;
        bytestore_slice bad{};
        const bytestore_status status = bytestore_open(url.c_str(), &handle, &bad);
        if (status == BYTESTORE_ERR_INVALID_ARGUMENT) {
            throw error::of_url_part(errc::invalid_argument, std::string(detail::view_of(bad)));
        }
        detail::check(status);
        return handle;
    }

    void set(const entry_list &entries, std::optional<time_to_live> ttl) {
        detail::scratch keys(entries.size()), values(entries.size());
        entries.write(keys.data(), values.data());
        set(entries.size(), keys.data(), values.data(), ttl);
    }

    void set(const view_list &keys, const view_list &values, std::optional<time_to_live> ttl) {
        if (keys.size() != values.size()) {
            throw error(errc::invalid_argument,
                        std::to_string(keys.size()) + " keys, " + std::to_string(values.size()) + " values");
        }
        detail::scratch key_slices(keys.size()), value_slices(values.size());
        keys.write(key_slices.data());
        values.write(value_slices.data());
        set(keys.size(), key_slices.data(), value_slices.data(), ttl);
    }

    void set(std::size_t n, const bytestore_slice *keys, const bytestore_slice *values,
             std::optional<time_to_live> ttl) {
        const bytestore_status status =
            ttl ? bytestore_mset_ttl(handle_, n, keys, nullptr, values, nullptr, ttl->milliseconds())
                : bytestore_mset(handle_, n, keys, nullptr, values, nullptr);
        name_bad_item(status, "key", n, keys);
        name_bad_item(status, "value", n, values);
        if (status == BYTESTORE_ERR_INVALID_ARGUMENT && ttl && ttl->milliseconds() == 0) {
            throw error(errc::invalid_argument, "a time to live that is not above 0");
        }
        detail::check(status);
    }

    /// Throws unless a call with these keys succeeded.
    static void check(bytestore_status status, std::size_t n, const bytestore_slice *keys) {
        name_bad_item(status, "key", n, keys);
        detail::check(status);
    }

    /// Throws if a call was refused because of one of these items.
    static void name_bad_item(bytestore_status status, const char *what, std::size_t n, const bytestore_slice *items) {
        std::size_t index = 0;
        if (status == BYTESTORE_ERR_INVALID_ARGUMENT &&
            bytestore_check_items(n, items, nullptr, &index) != BYTESTORE_OK && index < n) {
            throw error::of_item(errc::invalid_argument, what, index);
        }
    }

    bytestore_store *handle_;
};

} // namespace bytestore

#endif
