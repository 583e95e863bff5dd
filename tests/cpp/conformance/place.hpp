/// Where a case's own store is: in memory, or on the server that the environment names.
#ifndef PLACE_HPP
#define PLACE_HPP

#include <bytestore.hpp>

#include "notation.hpp"

namespace conformance {

/// An empty store with no options.
bytestore::store own_store();

/// A server gives keys in any order.
bool keeps_order();

/// Keys as they can be compared: on a server sorted.
byte_list comparable(byte_list keys);

} // namespace conformance

#endif
