/// The server is BYTESTORE_TEST_URL's; without it all is in memory.
#include "place.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

namespace conformance {
namespace {

const char *server() { return std::getenv("BYTESTORE_TEST_URL"); }

} // namespace

bool keeps_order() { return server() == nullptr; }

byte_list comparable(byte_list keys) {
    if (!keeps_order()) {
        std::sort(keys.begin(), keys.end());
    }
    return keys;
}

/// On a server it has a part of the keys that no other process has, from which goes what the case before left: every
/// scan would walk it.
bytestore::store own_store() {
    if (server() == nullptr) {
        return bytestore::store();
    }
    const std::string url = server();
    const char *separator = url.find('?') == std::string::npos ? "?" : "&";
    bytestore::store store =
        bytestore::store::open(url + separator + "namespace=cpp-" + std::to_string(getpid()) + "/");
    store.delete_prefix("");
    return store;
}

} // namespace conformance
