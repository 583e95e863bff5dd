/* Finds the library's own header beside it or by the path that pkg-config gives, and names what Swift cannot import from it. */
#include "bytestore.h"

/* A macro made of another macro. */
static const uint64_t bytestore_no_ttl = BYTESTORE_NO_TTL;
