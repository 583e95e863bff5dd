/// bytestore for C++17: an in-process byte store. Header-only, over the C ABI in bytestore.h.
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
/// Keys and values are bytes, in std::string_view: any byte, NUL included, and both may be empty.
/// Errors are exceptions: bytestore::error. Any thread may use any store at any time.
#ifndef BYTESTORE_HPP
#define BYTESTORE_HPP

#include "bytestore/area.hpp"
#include "bytestore/error.hpp"
#include "bytestore/key_range.hpp"
#include "bytestore/lists.hpp"
#include "bytestore/store.hpp"
#include "bytestore/values.hpp"

#endif
