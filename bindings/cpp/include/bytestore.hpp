/// bytestore for C++17: a byte store, in this process or on a server. Header-only, over the C ABI in bytestore.h.
///
///     bytestore::store store;
///     store.mset({{"key1", "value1"}, {"key2", "value2"}});
///     for (std::optional<std::string_view> value : store.mget({"key1", "key3"})) {
///         std::cout << value.value_or("missing") << '\n';
///     }
///
/// A batch is any container or span of what converts to std::string_view: nothing of it is copied on the way in, nor
/// anything allocated for up to 256 keys. mget answers with views into a buffer that it owns; mget_into copies into
/// memory that is used again from call to call.
///
/// A store may have bounds, and entries a time to live:
///
///     bytestore::options options;
///     options.max_bytes = 512u << 20;
///     options.ttl = std::chrono::hours(1); // when nothing else is said
///     bytestore::store cache(options);
///     cache.mset({{"session", "…"}}, std::chrono::minutes(5));
///     std::cout << cache.stats().hit_ratio() << '\n';
///
/// Keys that begin alike are counted, deleted and paged through together, or are a store of their own, and what is
/// missing is computed once, for all threads that ask for it:
///
///     store.delete_prefix("session/");
///     bytestore::key_page page = store.page("user/", 50, std::stoull(cursor)); // page.next() is the next cursor
///     bytestore::store vectors = store.namespaced("vector/");
///     auto values = vectors.mget_or_compute(texts, [&](const auto &missing) { return model.embed(missing); });
///
/// Stores of one name are one, in every language of the process: options::name.
///
/// A store is saved to a file or to memory, while others use it, and loaded again, by any language:
///
///     store.save("vectors.snapshot", 3); // compressed; store.progress() tells other threads how far it is
///     vectors.load("vectors.snapshot");  // in place of what was there
///     auto same = bytestore::store::open("snapshot:vectors.snapshot"); // with its options
///
/// The same on a Valkey or Redis server, or a cluster of them, through TLS or a Unix socket too:
///
///     auto shared = bytestore::store::open("rediss://user:password@cache.example:6380/0?namespace=app/&ttl=1h");
///     if (!shared.capabilities().insertion_order) … // a server promises less than memory does
///
/// A call there waits for the server; where that fails, error::remote_message() and what() have its words.
///
/// Keys and values are bytes, in std::string_view: any byte, NUL included, and both may be empty.
/// Errors are exceptions: bytestore::error. Any thread may use any store at any time.
#ifndef BYTESTORE_HPP
#define BYTESTORE_HPP

#include "bytestore/area.hpp"
#include "bytestore/capabilities.hpp"
#include "bytestore/computed_values.hpp"
#include "bytestore/computing.hpp"
#include "bytestore/error.hpp"
#include "bytestore/key_page.hpp"
#include "bytestore/key_range.hpp"
#include "bytestore/lists.hpp"
#include "bytestore/options.hpp"
#include "bytestore/progress.hpp"
#include "bytestore/remote.hpp"
#include "bytestore/snapshot.hpp"
#include "bytestore/stats.hpp"
#include "bytestore/store.hpp"
#include "bytestore/time_to_live.hpp"
#include "bytestore/values.hpp"

#endif
