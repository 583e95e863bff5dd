/* Finds the library's own header by the path that pkg-config gives. */
#include <bytestore.h>
