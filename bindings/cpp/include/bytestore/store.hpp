/// The store. Everything here but mget_or_compute is one call of the C ABI.
#ifndef BYTESTORE_STORE_HPP
#define BYTESTORE_STORE_HPP

#include <bytestore.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "area.hpp"
#include "capabilities.hpp"
#include "computed_values.hpp"
#include "computing.hpp"
#include "error.hpp"
#include "files.hpp"
#include "flights.hpp"
#include "key_page.hpp"
#include "key_range.hpp"
#include "lists.hpp"
#include "options.hpp"
#include "progress.hpp"
#include "remote.hpp"
#include "scratch.hpp"
#include "snapshot.hpp"
#include "stats.hpp"
#include "time_to_live.hpp"
#include "values.hpp"

namespace bytestore {

/// A byte store, in this process or on a server. Its destructor closes it, and frees the entries that it has in memory.
/// Move-only.
///
/// Any thread may call any member at any time, close() included; only moving, assigning and
/// destroying need the object for themselves. A store that was closed or moved from answers every
/// call with errc::closed_handle.
///
/// Every function may throw bytestore::error, or std::bad_alloc for batches of more than small_batch (256): up to that
/// many keys or entries nothing is allocated here, beyond it one array for each list; making a store, computing
/// and paths allocate.
class store {
  public:
    /// A new, empty store without options: open("memory:").
    store() : store(open_handle("memory:")) {}

    /// A new store with these options: open(options.url()).
    explicit store(const options &options) : store(open_handle(options.url())) {}

    /// A new store as a URL describes it. An unknown scheme or option is errc::invalid_argument,
    /// and error::part() names it. "snapshot:PATH", a path in UTF-8, is one with the options and the entries that
    /// save() has written; its errors are those of load().
    ///
    /// A store on a Valkey or Redis server (6.0 and later), or on a cluster; nothing is sent before the first call:
    ///
    ///     auto shared = bytestore::store::open("redis://user:password@cache.example:6379/0?namespace=app/&ttl=1h");
    ///
    /// "rediss://" speaks TLS, "redis+unix:///PATH" is a socket, "redis+cluster://HOST:PORT,HOST:PORT" has some of a
    /// cluster's servers; the same with valkey, valkeys. The options are in bytestore.h, "Servers". Keys come in any
    /// order there, and keys(), count(), size() and delete_prefix() walk all of them; in a cluster a batch is no one
    /// step. Pages and snapshots are errc::unsupported: capabilities() tells. A call waits for the server;
    /// where that fails, errc::remote_failure, error::remote_message() says why.
    static store open(const std::string &url) { return store(open_handle(url)); }

    store(store &&other) noexcept = default;
    store &operator=(store &&other) noexcept = default;

    void swap(store &other) noexcept { std::swap(*this, other); }
    friend void swap(store &a, store &b) noexcept { a.swap(b); }

    /// Ends the store for all threads; calls under way finish. Values, key ranges and namespaces
    /// live on. Closing again does nothing.
    void close() noexcept {
        // The handle stays: it is a number that means nothing now, and others may be reading it.
        bytestore_close(handle_.get());
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
        check(bytestore_mget(handle_.get(), keys.size(), slices.data(), nullptr, answers), keys.size(), slices.data());
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
            check(bytestore_mget_into(handle_.get(), keys.size(), slices, nullptr, &memory), keys.size(), slices);
        } while (answers.grows_to(memory.len));
        answers.place(keys.size());
    }

    /// Gets the keys as mget does, and has what is missing computed: `compute` is called once, with all keys that are
    /// missing, each once, in order of their first place; it gives their values, which are set by one mset. Not called
    /// when nothing is missing.
    ///
    ///     auto vectors = store.mget_or_compute(texts, [&](const auto &missing) { return model.embed(missing); });
    ///
    /// Of several threads that miss a key at once one computes, and the others wait for its value. What the computation
    /// throws comes out here and at those who wait, as it is, and is not kept: the next call computes again. So does
    /// the error of the mset, and errc::invalid_argument when there are not as many values as keys. Nothing is locked
    /// meanwhile: a computation may use the store, also to compute other keys. Where threads would wait for each other
    /// in a circle (in the simplest one a computation asks for its own key), the last to ask gets
    /// errc::invalid_argument at once; but a computation that waits for a thread of its own which asks for its key
    /// waits for ever. When a thread is stopped while it computes (pthread_cancel), one that waits computes instead.
    /// The child of a fork computes what only the parent's threads were computing.
    ///
    /// A store shares this with all its namespaces, not with other stores of the same name.
    computed_values mget_or_compute(const view_list &keys, const computation &compute) {
        return get_or_compute(keys, compute, std::nullopt);
    }

    /// As above; what is computed lives for `ttl`, as in mset.
    computed_values mget_or_compute(const view_list &keys, const computation &compute, time_to_live ttl) {
        return get_or_compute(keys, compute, ttl);
    }

    /// Deletes the keys in one step and says how many there were. Missing and repeated keys are fine.
    std::size_t mdelete(const view_list &keys) {
        detail::scratch slices(keys.size());
        keys.write(slices.data());
        std::size_t removed = 0;
        check(bytestore_mdelete(handle_.get(), keys.size(), slices.data(), nullptr, &removed), keys.size(),
              slices.data());
        return removed;
    }

    /// The keys that begin with `prefix`, byte by byte, in insertion order.
    key_range keys(std::string_view prefix = {}) const {
        bytestore_cursor *cursor = nullptr;
        const bytestore_slice slice = detail::slice_of(prefix);
        detail::check(handle_.get(), bytestore_keys(handle_.get(), slice.ptr, slice.len, &cursor));
        return key_range(cursor, handle_.get());
    }

    /// The next keys that begin with `prefix`, `most` of them at most, from key_page::next() of another page on, or
    /// from the beginning: for who goes on later without keeping a range, as a web handler does. Keys inserted
    /// meanwhile come when their turn does. Fewer than `most` are the last ones, or all that a page takes, about 1 MiB;
    /// a `most` of 0 is 1024. On a server errc::unsupported.
    key_page page(std::string_view prefix, std::size_t most, std::uint64_t from = 0) const {
        bytestore_cursor *opened = nullptr;
        const bytestore_slice slice = detail::slice_of(prefix);
        detail::check(handle_.get(), bytestore_keys_from(handle_.get(), slice.ptr, slice.len, from, &opened));
        const detail::cursor cursor(opened);
        if (!capabilities().positions) { // it would begin anew with each page
            throw error(errc::unsupported, "a page of keys");
        }
        key_page page;
        detail::check(handle_.get(), bytestore_cursor_next(opened, most, page.buffer_.out()));
        detail::check(handle_.get(), bytestore_cursor_position(opened, &page.next_));
        return page;
    }

    /// How many entries have keys that begin with `prefix`, at one moment.
    ///
    /// The first question about a prefix makes a store of some thousand entries keep their keys sorted, too: some 0.1 s
    /// for a million, once. From then on it takes time by what it finds.
    std::size_t count(std::string_view prefix) const {
        std::size_t count = 0;
        const bytestore_slice slice = detail::slice_of(prefix);
        detail::check(handle_.get(), bytestore_count(handle_.get(), slice.ptr, slice.len, &count));
        return count;
    }

    /// Deletes the entries whose keys begin with `prefix` in one step, and says how many there were: other threads see
    /// all of it or nothing. An empty prefix deletes everything. Takes time as count() does.
    std::size_t delete_prefix(std::string_view prefix) {
        std::size_t removed = 0;
        const bytestore_slice slice = detail::slice_of(prefix);
        detail::check(handle_.get(), bytestore_delete_prefix(handle_.get(), slice.ptr, slice.len, &removed));
        return removed;
    }

    /// How many entries there are.
    std::size_t size() const {
        std::size_t size = 0;
        detail::check(handle_.get(), bytestore_len(handle_.get(), &size));
        return size;
    }

    /// What happened in this store since it was made, and what is in it now: a moment's work, whatever is in it. Of a
    /// store on a server, what was done through it and its namespaces; what is in it is not known, and 0.
    bytestore::stats stats() const {
        bytestore_counters c{};
        c.size = sizeof c;
        detail::check(handle_.get(), bytestore_read_counters(handle_.get(), &c));
        return detail::stats_of(c);
    }

    /// What this store can promise: in memory all of it. No server is asked.
    bytestore::capabilities capabilities() const {
        std::uint64_t bits = 0;
        detail::check(handle_.get(), bytestore_capabilities(handle_.get(), &bits));
        return detail::capabilities_of(bits);
    }

    /// The keys of this store that begin with `prefix`, as a store of its own, which takes and gives them without it.
    /// All else is the whole store's: bounds, where the prefix counts as part of the key, counters, time. Namespaces
    /// nest. Each is closed on its own, in any order; the entries go with the last one.
    ///
    ///     bytestore::store users = store.namespaced("user/");
    ///     users.mset({{"1", "Ada"}}); // "user/1" of the store
    store namespaced(std::string_view prefix) {
        bytestore_store *view = nullptr;
        const bytestore_slice slice = detail::slice_of(prefix);
        detail::check(handle_.get(), bytestore_namespace(handle_.get(), slice.ptr, slice.len, &view));
        store made(owned_handle(view), flights_);
        made.prefix_.append(prefix_).append(prefix);
        return made;
    }

    /// Saves the store to a file: its entries at one moment, in order, each with the time that it has left, and its
    /// options. Of a namespace its own entries are saved. Others may write meanwhile, and hardly wait; what they
    /// replace of what is not saved yet is kept until it is. Saves of one store take turns.
    ///
    /// The file is there in whole or not at all: it is written beside, as a temporary file that only its owner may
    /// read, and takes the old one's place when it is on disk. A symbolic link is replaced, not followed. `level`: 0 is
    /// not compressed, 1 to 22 are Zstandard's levels, usually 3; others are errc::invalid_argument. What the system
    /// refuses is errc::io_failure, and error::reason() says why.
    void save(const std::filesystem::path &file, int level = 0) const {
        const char *const path = detail::c_path(file);
        const bytestore_status status = bytestore_save(handle_.get(), path, level);
        detail::check_level(status, level);
        detail::check_file(status, file.native());
    }

    /// As above, to memory: the bytes of such a file.
    snapshot save_to_memory(int level = 0) const {
        snapshot saved;
        const bytestore_status status = bytestore_save_buffer(handle_.get(), level, saved.buffer_.out());
        detail::check_level(status, level);
        detail::check(handle_.get(), status);
        return saved;
    }

    /// Loads a file that save() has written: in one step its entries take the place of all that the store had; a
    /// namespace's, of what the namespace had. Options stay the store's own: what is more than it may hold is evicted.
    /// Stats go on. Until that step the store is as it was, and in use; after any error it stays so.
    ///
    /// errc::bad_snapshot, errc::unsupported, errc::io_failure (error::reason() says why), and errc::over_limit for an
    /// entry that is more than the store may hold.
    void load(const std::filesystem::path &file) {
        const char *const path = detail::c_path(file);
        detail::check_file(bytestore_load(handle_.get(), path), file.native());
    }

    /// As above, from memory.
    void load_from_memory(const snapshot &saved) { load_from_memory(saved.bytes()); }
    void load_from_memory(std::string_view bytes) {
        const bytestore_slice slice = detail::slice_of(bytes);
        detail::check(handle_.get(), bytestore_load_buffer(handle_.get(), slice.ptr, slice.len));
    }

    /// How far the saving or loading is that is under way in another thread, of this store or of a namespace that it
    /// shares its entries with: ask as often as you like.
    bytestore::progress progress() const {
        bytestore::progress progress;
        detail::check(handle_.get(), bytestore_progress(handle_.get(), &progress.done, &progress.total));
        return progress;
    }

    /// Turns the clock of a store that was made with options::manual_clock forward; errc::invalid_argument for a store
    /// with the system's clock, and for a time below 0.
    void advance_clock(std::chrono::milliseconds time) {
        if (time.count() < 0) {
            throw error(errc::invalid_argument, "time " + std::to_string(time.count()) + " ms");
        }
        detail::check(handle_.get(), bytestore_advance_clock(handle_.get(), static_cast<std::uint64_t>(time.count())));
    }

    /// The handle, for calls of bytestore.h. It remains this object's to close.
    bytestore_store *native_handle() const noexcept { return handle_.get(); }

  private:
    struct closer {
        void operator()(bytestore_store *handle) const noexcept { bytestore_close(handle); }
    };
    using owned_handle = std::unique_ptr<bytestore_store, closer>;

    explicit store(owned_handle handle, std::shared_ptr<detail::flights> flights = std::make_shared<detail::flights>())
        : handle_(std::move(handle)), flights_(std::move(flights)) {}

    static owned_handle open_handle(const std::string &url) {
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
        detail::check_file(status, url);
        return owned_handle(handle);
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
            ttl ? bytestore_mset_ttl(handle_.get(), n, keys, nullptr, values, nullptr, ttl->milliseconds())
                : bytestore_mset(handle_.get(), n, keys, nullptr, values, nullptr);
        name_bad_item(status, "key", n, keys);
        name_bad_item(status, "value", n, values);
        if (status == BYTESTORE_ERR_INVALID_ARGUMENT && ttl && ttl->milliseconds() == 0) {
            throw no_time_to_live();
        }
        detail::check(handle_.get(), status);
    }

    static error no_time_to_live() { return error(errc::invalid_argument, "a time to live that is not above 0"); }

    computed_values get_or_compute(const view_list &keys, const computation &compute, std::optional<time_to_live> ttl) {
        if (!flights_) {
            throw error(errc::closed_handle);
        }
        if (ttl && ttl->milliseconds() == 0) {
            throw no_time_to_live(); // before anybody computes
        }
        return detail::computing<store>(*this, *flights_, prefix_, compute, ttl).answers(keys);
    }

    /// Throws unless a call with these keys succeeded.
    void check(bytestore_status status, std::size_t n, const bytestore_slice *keys) const {
        name_bad_item(status, "key", n, keys);
        detail::check(handle_.get(), status);
    }

    /// Throws if a call was refused because of one of these items.
    static void name_bad_item(bytestore_status status, const char *what, std::size_t n, const bytestore_slice *items) {
        std::size_t index = 0;
        if (status == BYTESTORE_ERR_INVALID_ARGUMENT &&
            bytestore_check_items(n, items, nullptr, &index) != BYTESTORE_OK && index < n) {
            throw error::of_item(errc::invalid_argument, what, index);
        }
    }

    owned_handle handle_;
    std::shared_ptr<detail::flights> flights_; // shared with the namespaces; nullptr when moved from
    std::string prefix_;                       // of a namespace, in full
};

} // namespace bytestore

#endif
