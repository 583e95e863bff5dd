/* DRAFT for binding authors; the real one is emitted by cbindgen with the same shape. */
#ifndef BYTESTORE_H
#define BYTESTORE_H
#include <stddef.h>
#include <stdint.h>

#define BYTESTORE_VERSION "0.1.0"
#define BYTESTORE_ABI_VERSION 1

typedef int32_t bytestore_status;
#define BYTESTORE_OK 0
#define BYTESTORE_ERR_INVALID_ARGUMENT 1
#define BYTESTORE_ERR_CLOSED_HANDLE 2   /* closed, stale, forged or wrong-type handle */
#define BYTESTORE_ERR_OUT_OF_MEMORY 3
#define BYTESTORE_ERR_OVER_LIMIT 4
#define BYTESTORE_ERR_REMOTE_FAILURE 5
#define BYTESTORE_ERR_INTERNAL 6

/* Longest key, longest value: 2^32 - 1 bytes. */
#define BYTESTORE_MAX_ITEM_LEN 4294967295

typedef struct bytestore_store bytestore_store;    /* opaque; a generational id, not an address */
typedef struct bytestore_cursor bytestore_cursor;  /* opaque; likewise */
typedef struct bytestore_result bytestore_result;  /* opaque; owner of a buffer's memory */

typedef struct bytestore_slice {
  const uint8_t *ptr;   /* NULL = missing (in results); NULL with len 0 = empty (in inputs) */
  size_t len;
} bytestore_slice;

typedef struct bytestore_buffer {
  const bytestore_slice *slices; /* `count` of them, in request order; never NULL when count > 0 */
  size_t count;
  const uint8_t *data;           /* when every value was copied: all of them side by side in slice order, no gaps; else NULL */
  size_t data_len;               /* bytes at data */
  bytestore_result *owner;       /* do not touch */
} bytestore_buffer;

const char *bytestore_version(void);
uint32_t bytestore_abi_version(void);
const char *bytestore_status_name(bytestore_status status);     /* "closed_handle"; never NULL, "unknown" for others */
const char *bytestore_status_message(bytestore_status status);  /* what to do about it; never NULL */

bytestore_store *bytestore_new(void);              /* = bytestore_open("memory:"); NULL if out of memory */
/* bad_part (optional): on INVALID_ARGUMENT the part of `url` at fault (points into url). *store is NULL on error. */
bytestore_status bytestore_open(const char *url, bytestore_store **store, bytestore_slice *bad_part);
bytestore_status bytestore_close(bytestore_store *store);   /* NULL: OK; second time: CLOSED_HANDLE. Safe beside running calls. */

/* INPUT SHAPES, for keys and values independently:
   lens == NULL: items points to n bytestore_slice;
   lens != NULL: items points to one blob, the n items side by side, lens[i] bytes each.
   n == 0 or an all-empty blob: items may be NULL. */
bytestore_status bytestore_mset(bytestore_store *store, size_t n, const void *keys, const uint32_t *key_lens,
                                const void *values, const uint32_t *value_lens);
/* *out is set on every return (zeroed on error). Free with bytestore_free_buffer. */
bytestore_status bytestore_mget(bytestore_store *store, size_t n, const void *keys, const uint32_t *key_lens,
                                bytestore_buffer *out);
bytestore_status bytestore_mdelete(bytestore_store *store, size_t n, const void *keys, const uint32_t *key_lens,
                                   size_t *removed /* optional */);
bytestore_status bytestore_len(bytestore_store *store, size_t *len);
/* Which item of an input is at fault: OK, or INVALID_ARGUMENT and *bad_index (optional). Looks at no store. */
bytestore_status bytestore_check_items(size_t n, const void *items, const uint32_t *lens, size_t *bad_index);

/* Key cursor: insertion order, as of its first page; outlives bytestore_close of its store. */
bytestore_status bytestore_keys(bytestore_store *store, const uint8_t *prefix, size_t prefix_len, bytestore_cursor **cursor);
/* Up to max_keys keys (0 = 1024); a page also ends early after about 1 MiB of keys. out->count == 0: the end.
   A page's keys are always copied: out->data is one contiguous run. Free each page. */
bytestore_status bytestore_cursor_next(bytestore_cursor *cursor, size_t max_keys, bytestore_buffer *out);
bytestore_status bytestore_cursor_close(bytestore_cursor *cursor);  /* NULL: OK; second time: CLOSED_HANDLE */

/* NULL or zeroed buffer: OK. Clears *buffer, so a second call does nothing. A stale copy: CLOSED_HANDLE. */
bytestore_status bytestore_free_buffer(bytestore_buffer *buffer);
#endif
