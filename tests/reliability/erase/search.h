/* Secrets, and the search of this process's memory for what is left of them. Knows no store. */
#ifndef SEARCH_H
#define SEARCH_H

#include <stddef.h>
#include <stdint.h>

enum { SECRET_LEN = 32 };

/* What a secret stands in. */
typedef enum { KEY, VALUE } secret;

/* Other secrets from now on, random ones, and nothing was given back yet. */
void new_secrets(void);

/* Writes a secret, over and over, to a place that is the caller's to wipe. */
void spell(secret which, uint8_t *place, size_t len);

/* In how many places of the memory that this process may write to, or that was given back to the system since
 * `new_secrets`, as many bytes of a secret stand as a word has, or more; in the stack: all of it, as calls that have
 * returned leave words there of what they were given. */
size_t places_left(void);

/* Bytes that were looked at so far. */
uint64_t bytes_searched(void);

#endif
