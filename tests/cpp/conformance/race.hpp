/// Threads that write whole batches while one reads: nobody may see a torn one. Knows no notation's forms.
#ifndef RACE_HPP
#define RACE_HPP

#include <bytestore.hpp>

#include <cstddef>
#include <string>

#include "notation.hpp"

namespace conformance {

/// Each writer writes `rounds` batches to all keys. `with`: "mset", or "mdelete" to delete in odd rounds.
void race(bytestore::store &store, const byte_list &keys, std::size_t writers, std::size_t rounds,
          const std::string &with);

} // namespace conformance

#endif
