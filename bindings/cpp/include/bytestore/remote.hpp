/// What the calls of a store came to; a server that failed is asked for its words. Knows handles, and no operations.
#ifndef BYTESTORE_REMOTE_HPP
#define BYTESTORE_REMOTE_HPP

#include <bytestore.h>

#include <string>

#include "error.hpp"
#include "values.hpp"

namespace bytestore {
namespace detail {

/// Why a call of this store failed last on its server; empty when that is not known, as of a store that is closed.
inline std::string remote_message(bytestore_store *store) {
    buffer message;
    if (bytestore_remote_message(store, message.out()) != BYTESTORE_OK || message.size() == 0) {
        return {};
    }
    return std::string(view_of(message[0]));
}

/// Throws unless a call of this store succeeded.
inline void check(bytestore_store *store, bytestore_status status) {
    if (status == BYTESTORE_ERR_REMOTE_FAILURE) {
        throw error::of_server(errc::remote_failure, remote_message(store));
    }
    check(status);
}

} // namespace detail
} // namespace bytestore

#endif
