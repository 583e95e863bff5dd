/*
 * bytestore: one in-process byte store for C, C++, Go, Swift, Python, JavaScript and Rust.
 *
 * Keys and values are arbitrary bytes, both may be empty. mset, mget and
 * mdelete take batches; a batch is one atomic step for all threads. Keys keep
 * their insertion order.
 *
 * This header is generated from src/ffi by cbindgen: change it there.
 *
 * EXAMPLE
 *
 *   bytestore_store *store = bytestore_new();
 *   const char *keys = "key1key2";
 *   const uint32_t lens[] = {4, 4};
 *   bytestore_mset(store, 2, keys, lens, "onetwo", (const uint32_t[]){3, 3});
 *
 *   bytestore_buffer values;
 *   if (bytestore_mget(store, 2, keys, lens, &values) == BYTESTORE_OK) {
 *     fwrite(values.slices[1].ptr, 1, values.slices[1].len, stdout);  // two
 *     bytestore_free_buffer(&values);
 *   }
 *   bytestore_close(store);
 *
 * CONVENTIONS
 *
 * Status    Functions return a bytestore_status, 0 for success, unless they
 *           cannot fail. There is no "last error" of a thread, and errno is
 *           set by BYTESTORE_ERR_IO_FAILURE alone. A call that fails has
 *           changed nothing, unless it is on a server.
 * Handles   Pointers to a bytestore_store, bytestore_cursor or
 *           bytestore_computation are numbers, not addresses: pass them on, compare them with NULL, nothing else. A
 *           handle that is closed, made up, or of the other kind is
 *           BYTESTORE_ERR_CLOSED_HANDLE, and so is NULL wherever a function
 *           needs a handle; closing NULL is fine.
 * Inputs    n, items, lens: two shapes of the same thing, chosen for keys and
 *           for values independently.
 *             lens == NULL: items points to n bytestore_slice.
 *             lens != NULL: items points to one blob, the n items side by side
 *                           without gaps; item i is lens[i] bytes long.
 *           n == 0 is an empty batch: the call succeeds, items may be NULL. An
 *           empty item may be at NULL, and so may a blob of no bytes. Inputs
 *           are copied before the call returns; the library keeps no pointer.
 *           They must not change during the call.
 * Outputs   Come last, and are zeroed first whatever happens next; those
 *           called optional may be NULL. A buffer or cursor that you are given
 *           is yours to free.
 * Options   of "memory:?option=value&option=value", all off by default, and of
 *           "memory:NAME?option=value" (see bytestore_open):
 *             max_bytes       what all entries may take: keys, values and beside
 *                             them 40 to 72 bytes an entry, 72 to 200 for one of
 *                             4 KiB and more, up to 4.2 kB from 1.3 MiB on (see
 *                             bytestore_counters)
 *             max_entries     how many there may be
 *             max_item_bytes  what one key and its value may have together
 *             ttl             how long an entry lives when it is set without
 *                             saying: "500ms", "30s", "5m", "1h", "7d"
 *             clock=manual    time stands still but for bytestore_advance_clock
 *             erase=true      keys and values are zeroes where they were, as
 *                             soon as they are gone (see Erasing)
 *           Bytes are a whole number, with KiB, MiB, GiB, TiB (powers of 1024)
 *           or KB, MB, GB, TB behind it if you like. A store that is full lets
 *           the entries go that it will probably miss least, one at a time, as
 *           new ones come; which ones is not promised.
 * Servers   The same handle on a Valkey or Redis server (6.0 and later):
 *             redis://USER:PASSWORD@HOST:PORT/DATABASE?option=value&option=value
 *             rediss://…                       through TLS
 *             redis+unix:///PATH?db=…&user=…&pass=…
 *             redis+cluster://HOST:PORT,HOST:PORT   some of a cluster's servers
 *           and the same with valkey, valkeys. Options:
 *             namespace  what stands before all keys there, percent-encoded
 *             ttl        as above
 *             timeout    how long a connection, a command and an answer are
 *                        waited for (5s), and until when a call is tried again
 *             retries    how often, when it fails in a way that may pass (3)
 *             batch      keys of one command at most; then batches are no steps
 *             replicas   how many replicas must have what is written before it
 *                        counts as written (0)
 *           Nothing is sent before the first call. A server keeps no order of
 *           keys and knows no prefixes: keys come in any order, each once, those
 *           that are inserted or deleted meanwhile may come or not; counting and
 *           reading by prefix, bytestore_len too, walk all keys, and deleting by
 *           prefix is many steps. In a cluster a batch is no one step. Positions,
 *           bounds, names, saving and loading are for stores in memory:
 *           BYTESTORE_ERR_UNSUPPORTED. bytestore_capabilities tells them apart.
 *           When a server fails, BYTESTORE_ERR_REMOTE_FAILURE, what was to be
 *           written may have been or not; bytestore_remote_message says why.
 *           Memory that runs out while a server is spoken to ends the process.
 * Two tiers memory:?option=value&over=URL-OF-A-SERVER is the store on that server
 *           (no cluster), with copies in this process of what is read there. over
 *           is the last option; before it max_bytes, max_entries, max_item_bytes
 *           bound the copies, and ttl is how long one is kept. Writes go to the
 *           server and drop copies before they return. Of what others write the
 *           server tells (CLIENT TRACKING, RESP3) a thread of the library, one
 *           for each store opened so: it starts with the first bytestore_mget,
 *           gets no signals, and ends within some 2 s of the last handle, whose
 *           closing does not wait for it. A copy is out of date for as long as
 *           the word takes, 2 s where the connection falls silent; without the
 *           word, and in the child of a fork until it has a thread of its own,
 *           all is read from the server. No reader sees an older value after a
 *           newer one, nor an entry after its end. What an mget gives is of no
 *           one moment. Hits and misses are the store's, sizes, evictions and
 *           expirations the copies'.
 * Erasing   With erase=true nothing that the store had of a key or value is left
 *           in memory when the call returns that deletes, overwrites or evicts
 *           it, frees the last buffer or closes the last cursor, computation or
 *           store that has it; nor is it where it was before it moved. What has
 *           ended goes with the next mset, mdelete or delete_prefix of anything.
 *           Inputs and areas are yours to wipe. Registers, the stack of a call,
 *           and hashes of keys are not erased, and the system may swap or dump
 *           what is in memory while it is there. It takes time for each byte
 *           that goes; stores without it do as without the option.
 * Pointers  NULL where the comment does not allow it, a misaligned pointer, and
 *           a length beyond the address space are
 *           BYTESTORE_ERR_INVALID_ARGUMENT. A pointer that is none of these
 *           must be valid: that nobody can check.
 * Threads   Every function may be called from any thread at any time, with any
 *           handle, closing included. Do not use one bytestore_buffer struct
 *           from two threads at once.
 *
 * CAVEATS
 *
 * - Signal handlers must not call any of these functions: they take locks.
 * - After fork() the child has its own working copy of every store and may use
 *   all handles. Between vfork() and exec() call nothing here.
 * - The library stays loaded: dlclose() does not unmap it. It starts no
 *   threads (but one for each store of two tiers), installs no signal
 *   handlers, reads no environment (but for the places of certificates,
 *   SSL_CERT_FILE and SSL_CERT_DIR, when a server is spoken to through TLS) and
 *   prints nothing.
 * - Memory comes from malloc and mmap, and running out of it is
 *   BYTESTORE_ERR_OUT_OF_MEMORY, not the end of the process (on Linux the
 *   kernel may overcommit and kill the process instead).
 * - Only the functions declared here are exported. Numbers, names and layouts
 *   do not change while BYTESTORE_ABI_VERSION stays the same.
 */


#ifndef BYTESTORE_H
#define BYTESTORE_H

#include <stddef.h>
#include <stdint.h>

/** The version of this header, as bytestore_version() gives the library's. */
#define BYTESTORE_VERSION "0.1.0"

/** In place of a length that bytestore_mget_into writes: the key is missing. */
#define BYTESTORE_MISSING SIZE_MAX

/** For bytestore_mset_ttl: the entries stay until they are deleted. */
#define BYTESTORE_NO_TTL UINT64_MAX


/**
 * The longest key and the longest value, in bytes.
 */
#define BYTESTORE_MAX_ITEM_LEN 4294967295

/**
 * Of bytestore_capabilities: keys come in the order in which they were
 * inserted; without it in any order, each once.
 */
#define BYTESTORE_CAN_KEEP_ORDER 1

/**
 * Others see all of a batch or nothing, and a batch that failed has changed
 * nothing.
 */
#define BYTESTORE_CAN_BATCH_ATOMICALLY 2

/**
 * Counting, deleting and reading by prefix is one step, in time that grows
 * with what is found; without it all keys are walked.
 */
#define BYTESTORE_CAN_FIND_PREFIXES 4

/**
 * bytestore_keys begins at any position.
 */
#define BYTESTORE_CAN_SEEK 8

/**
 * The store can be saved and loaded.
 */
#define BYTESTORE_CAN_SAVE 16

/**
 * bytestore_read_counters knows how many entries and bytes there are.
 */
#define BYTESTORE_CAN_MEASURE 32

/**
 * The version of the binary interface that this header describes. It grows
 * only when a program built with an older header could not work any more, and
 * is the number in the shared library's name (libbytestore.so.1).
 */
#define BYTESTORE_ABI_VERSION 1

/**
 * A batch that is looked up, and what is missing of it computed. Opaque; open
 * it with bytestore_compute, close it with bytestore_computation_close. One
 * thread at a time: a call while another one is inside is
 * BYTESTORE_ERR_INVALID_ARGUMENT.
 */
typedef struct bytestore_computation bytestore_computation;

/**
 * A scan of a store's keys. Opaque; open it with bytestore_keys, close it with
 * bytestore_cursor_close. Any threads may take pages from one cursor: each
 * page goes to one of them.
 */
typedef struct bytestore_cursor bytestore_cursor;

/**
 * Owner of a buffer's memory. Opaque; not yours to use.
 */
typedef struct bytestore_result bytestore_result;

/**
 * A store. Opaque: a number that names it, not an address. Open it with
 * bytestore_new or bytestore_open, close it with bytestore_close; any thread
 * may use it at any time.
 */
typedef struct bytestore_store bytestore_store;

/**
 * What a call answers: BYTESTORE_OK, or why it failed. A call that failed has
 * changed nothing. The numbers are pinned; later versions may add new ones,
 * so treat an unknown number as an error.
 */
typedef int32_t bytestore_status;

/**
 * Some bytes that somebody else owns.
 *
 * As input: `ptr` may be NULL when `len` is 0. As output: `ptr` NULL means
 * missing; an empty value has `len` 0 and a `ptr` that is not NULL but some
 * real address.
 */
typedef struct {
  /**
   * The first byte.
   */
  const uint8_t *ptr;
  /**
   * How many bytes.
   */
  size_t len;
} bytestore_slice;

/**
 * The answers of one call, in the order they were asked for. You own it: give
 * it to bytestore_free_buffer exactly once, from any thread, after the last
 * use of what it points to. It stays readable when its store is closed.
 * Read only: large values are the store's own memory.
 */
typedef struct {
  /**
   * `count` answers: `ptr` NULL for a missing key, never NULL for an empty
   * value. NULL when `count` is 0.
   */
  const bytestore_slice *slices;
  /**
   * How many answers.
   */
  size_t count;
  /**
   * All present answers side by side, in order, without gaps, if all of them
   * are shorter than 4096 bytes or are keys; otherwise NULL. This is a copy of
   * the buffer's own: nobody else reads it, and who changes it changes no store.
   */
  const uint8_t *data;
  /**
   * How many bytes there are at `data`.
   */
  size_t data_len;
  /**
   * Do not touch.
   */
  bytestore_result *owner;
} bytestore_buffer;

/**
 * Memory of the caller's for the answers of bytestore_mget_into. All of it is
 * and stays yours; use it again as often as you like.
 */
typedef struct {
  /**
   * Where values are written, side by side, in the order of the keys. May be
   * NULL when `capacity` is 0.
   */
  uint8_t *bytes;
  /**
   * How many bytes there is room for.
   */
  size_t capacity;
  /**
   * Where each value's length is written, or BYTESTORE_MISSING: room for one
   * for each key.
   */
  size_t *lens;
  /**
   * Written: how many bytes all the values have together. More than
   * `capacity`: `bytes` holds nothing of use.
   */
  size_t len;
} bytestore_area;

/**
 * What happened in a store since it was opened, and what is in it now. Of a
 * call that fails for want of memory, hits and misses may have been counted.
 */
typedef struct {
  /**
   * Set by you: sizeof(bytestore_counters). Later versions of the library
   * append fields, and fill what you have room for.
   */
  size_t size;
  /**
   * Keys that were looked up and found.
   */
  uint64_t hits;
  /**
   * Keys that were looked up and not found.
   */
  uint64_t misses;
  /**
   * Pairs that were set.
   */
  uint64_t sets;
  /**
   * Entries that callers deleted.
   */
  uint64_t deletes;
  /**
   * Entries that went because the store was over max_bytes.
   */
  uint64_t evictions_by_bytes;
  /**
   * Entries that went because the store was over max_entries.
   */
  uint64_t evictions_by_entries;
  /**
   * Entries whose time to live was over, as far as their memory was taken back.
   */
  uint64_t expirations;
  /**
   * Entries that are there; those whose time is over until their memory is taken back.
   */
  uint64_t entries;
  /**
   * Bytes of their keys.
   */
  uint64_t key_bytes;
  /**
   * Bytes of their values.
   */
  uint64_t value_bytes;
  /**
   * Bytes that they take beside; max_bytes is compared with the sum of the three.
   */
  uint64_t overhead_bytes;
  /**
   * The store's bound; 0: none.
   */
  uint64_t max_bytes;
  /**
   * As `max_bytes`.
   */
  uint64_t max_entries;
} bytestore_counters;

/**
 * The call did what it says.
 */
#define BYTESTORE_OK 0

/**
 * An argument is outside its documented domain: a NULL or misaligned pointer,
 * an item longer than BYTESTORE_MAX_ITEM_LEN, an unknown URL scheme or option.
 */
#define BYTESTORE_ERR_INVALID_ARGUMENT 1

/**
 * The handle is not open: NULL, closed, never given out, or of another kind.
 */
#define BYTESTORE_ERR_CLOSED_HANDLE 2

/**
 * Memory ran out.
 */
#define BYTESTORE_ERR_OUT_OF_MEMORY 3

/**
 * The call would exceed a configured limit.
 */
#define BYTESTORE_ERR_OVER_LIMIT 4

/**
 * A remote backend failed or could not be reached.
 */
#define BYTESTORE_ERR_REMOTE_FAILURE 5

/**
 * A defect of bytestore, contained: please report it.
 */
#define BYTESTORE_ERR_INTERNAL 6

/**
 * The system refused to read or write a file; errno says why.
 */
#define BYTESTORE_ERR_IO_FAILURE 7

/**
 * A snapshot is damaged or not whole, or is none.
 */
#define BYTESTORE_ERR_BAD_SNAPSHOT 8

/**
 * A snapshot of a later version, or compression by a library that has none.
 */
#define BYTESTORE_ERR_UNSUPPORTED 9

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The short name of a status, the same in every language: "ok",
 * "invalid_argument", "closed_handle", "out_of_memory", "over_limit",
 * "remote_failure", "internal_error", "io_failure", "bad_snapshot",
 * "unsupported"; "unknown" for any other number.
 *
 * Never NULL. The string is static: do not free it.
 */
const char *bytestore_status_name(bytestore_status status);

/**
 * What a status means and what to do about it: one English sentence without a
 * full stop, for logs and exceptions.
 *
 * Never NULL. The string is static: do not free it.
 */
const char *bytestore_status_message(bytestore_status status);

/**
 * Finds the item of an input that bytestore_mset, _mget or _mdelete refuse
 * with BYTESTORE_ERR_INVALID_ARGUMENT; looks at lengths and pointers only.
 *
 * `n`, `items`, `lens`: an input in either shape. `bad_index` (optional): on
 * BYTESTORE_ERR_INVALID_ARGUMENT the index of the first item at fault, or `n`
 * when the arguments are at fault as a whole; 0 otherwise.
 *
 * BYTESTORE_OK: the input is fine.
 */
bytestore_status bytestore_check_items(size_t n,
                                       const void *items,
                                       const uint32_t *lens,
                                       size_t *bad_index);

/**
 * A new, empty store without options: bytestore_open with "memory:".
 *
 * Yours until bytestore_close. NULL: memory ran out.
 */
bytestore_store *bytestore_new(void);

/**
 * A store as a URL describes it.
 *
 * `url`: required, NUL-terminated UTF-8, read during the call only:
 * "memory:", with options as in "memory:?max_bytes=512MiB&ttl=1h" (see
 * Options), is a new store. "memory:NAME", with options or without, is the
 * one of that name in this process, whichever language opened it first; a new
 * one, if there is none. NAME: 1 to 255 of A-Z, a-z, 0-9, '.', '_', '-'. A
 * store that is there already was made with the same options, or none are
 * given. It is freed, and its name with it, when the last handle of it is
 * closed. "snapshot:PATH" is a new store with the options and the entries that
 * bytestore_save has written to that file. "redis://…" and its kin are stores
 * on a server (see Servers), and "memory:?over=redis://…" with copies here (see
 * Two tiers).
 * `store`: required; yours until bytestore_close; NULL on error.
 * `bad_part` (optional): on BYTESTORE_ERR_INVALID_ARGUMENT the part of `url`
 * at fault, pointing into `url`: an unknown scheme or option, or all options,
 * when the store of that name has others. Zero otherwise.
 *
 * BYTESTORE_ERR_INVALID_ARGUMENT, _OUT_OF_MEMORY; of a file those of
 * bytestore_load, too; of a server _UNSUPPORTED (the library was built without
 * its feature "redis").
 */
bytestore_status bytestore_open(const char *url,
                                bytestore_store **store,
                                bytestore_slice *bad_part);

/**
 * A store of those keys of another one that begin with `prefix`: a namespace.
 * It takes and gives keys without the prefix; every function works on it,
 * this one too. All else is the whole store's: limits, where the prefix counts
 * as part of the key, counters, time. An empty prefix makes a second handle of
 * the same store.
 *
 * `prefix`: `prefix_len` bytes, copied; may be NULL when there are none.
 * `view`: required; yours until bytestore_close; NULL on error. Each of the
 * two handles is closed on its own, in any order.
 *
 * BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE, _OUT_OF_MEMORY.
 */
bytestore_status bytestore_namespace(bytestore_store *store,
                                     const uint8_t *prefix,
                                     size_t prefix_len,
                                     bytestore_store **view);

/**
 * Closes a store: every later call with this handle is
 * BYTESTORE_ERR_CLOSED_HANDLE, this one included. Calls under way on other
 * threads finish; buffers and cursors stay until they are freed and closed.
 *
 * `store`: NULL is fine.
 */
bytestore_status bytestore_close(bytestore_store *store);

/**
 * Sets `n` pairs in one step: other threads see all of them or none. Keys and
 * values are copied. Of equal keys in the batch the last value wins and the
 * first one's place in the order stands; overwriting an entry keeps its place.
 *
 * `keys`, `key_lens`, `values`, `value_lens`: `n` keys and `n` values, each in
 * either shape (see Inputs).
 *
 * BYTESTORE_ERR_INVALID_ARGUMENT (bytestore_check_items tells which item),
 * _OVER_LIMIT (the batch, or a pair of it, is more than the store may hold),
 * _CLOSED_HANDLE, _OUT_OF_MEMORY.
 */
bytestore_status bytestore_mset(bytestore_store *store,
                                size_t n,
                                const void *keys,
                                const uint32_t *key_lens,
                                const void *values,
                                const uint32_t *value_lens);

/**
 * As bytestore_mset, and the entries live for `ttl_ms` milliseconds: then they
 * are as good as deleted, for every function at once. BYTESTORE_NO_TTL: they
 * stay until they are deleted, whatever the store's default. A ttl of 0 is
 * BYTESTORE_ERR_INVALID_ARGUMENT.
 *
 * Setting an entry again, in either way, gives it a new end or none.
 */
bytestore_status bytestore_mset_ttl(bytestore_store *store,
                                    size_t n,
                                    const void *keys,
                                    const uint32_t *key_lens,
                                    const void *values,
                                    const uint32_t *value_lens,
                                    uint64_t ttl_ms);

/**
 * Looks `n` keys up, all as of one moment.
 *
 * `keys`, `key_lens`: `n` keys in either shape (see Inputs).
 * `out`: required; `n` answers in the order of the keys, equal keys answered
 * each time; yours to give to bytestore_free_buffer. Zeroed on error and when
 * `n` is 0. A missing key is not an error: its slice's `ptr` is NULL.
 *
 * BYTESTORE_ERR_INVALID_ARGUMENT (bytestore_check_items tells which item),
 * _CLOSED_HANDLE, _OUT_OF_MEMORY.
 */
bytestore_status bytestore_mget(bytestore_store *store,
                                size_t n,
                                const void *keys,
                                const uint32_t *key_lens,
                                bytestore_buffer *out);

/**
 * Deletes `n` keys in one step: other threads see all of it or nothing.
 * Missing and repeated keys are fine.
 *
 * `keys`, `key_lens`: `n` keys in either shape (see Inputs).
 * `removed` (optional): how many entries were deleted; 0 on error.
 *
 * BYTESTORE_ERR_INVALID_ARGUMENT (bytestore_check_items tells which item),
 * _CLOSED_HANDLE, _OUT_OF_MEMORY.
 */
bytestore_status bytestore_mdelete(bytestore_store *store,
                                   size_t n,
                                   const void *keys,
                                   const uint32_t *key_lens,
                                   size_t *removed);

/**
 * Deletes all entries whose keys begin with `prefix`, in one step: other
 * threads see all of it or nothing. As bytestore_count it takes time by what
 * it finds.
 *
 * `prefix`: `prefix_len` bytes; (NULL, 0) means all keys.
 * `removed` (optional): how many entries were deleted; 0 on error.
 *
 * BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE, _OUT_OF_MEMORY.
 */
bytestore_status bytestore_delete_prefix(bytestore_store *store,
                                         const uint8_t *prefix,
                                         size_t prefix_len,
                                         size_t *removed);

/**
 * How many entries a store has that have not ended and whose keys begin with
 * `prefix`, at one moment.
 *
 * The first question about a prefix that is not empty (this one,
 * bytestore_delete_prefix or bytestore_keys) makes a store of some thousand
 * entries keep them in the order of their keys, too, until it is empty: some
 * 0.1 s for a million, in which others wait, and some 10 bytes for each.
 * From then on such questions take time by what they find, not by what there
 * is, and writes cost more. Stores that are never asked pay nothing.
 *
 * `prefix`: `prefix_len` bytes; (NULL, 0) means all keys.
 * `count`: required; 0 on error.
 *
 * BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE, and of a namespace
 * _OUT_OF_MEMORY.
 */
bytestore_status bytestore_count(bytestore_store *store,
                                 const uint8_t *prefix,
                                 size_t prefix_len,
                                 size_t *count);

/**
 * How many entries a store has that have not ended.
 *
 * `len`: required; 0 on error.
 *
 * BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE.
 */
bytestore_status bytestore_len(bytestore_store *store, size_t *len);

/**
 * Gives back the memory of a buffer and zeroes `*buffer`, so that doing it
 * again does nothing.
 *
 * `buffer`: NULL and zeroed ones are fine. Of several copies of one buffer
 * free only one; freeing another is BYTESTORE_ERR_CLOSED_HANDLE and harmless,
 * reading through it is not.
 */
bytestore_status bytestore_free_buffer(bytestore_buffer *buffer);

/**
 * Looks `n` keys up as bytestore_mget does, all as of one moment, but writes
 * the values into memory of the caller's: nothing is allocated (but for the
 * full keys of a namespace), and nothing needs to be freed. The fastest form
 * for one key, and for callers that copy values anyway.
 *
 * `keys`, `key_lens`: `n` keys in either shape (see Inputs).
 * `area`: required; none of its memory may overlap the keys. `area->len` is
 * always written, 0 on error. When it is more than `area->capacity`, the
 * values did not fit: the lengths are right, `area->bytes` is of no use, and a
 * call with more room will do, unless others write meanwhile. Only calls whose
 * values fit count hits and misses.
 *
 * BYTESTORE_ERR_INVALID_ARGUMENT (bytestore_check_items tells which item),
 * _CLOSED_HANDLE, and of a namespace _OUT_OF_MEMORY.
 */
bytestore_status bytestore_mget_into(bytestore_store *store,
                                     size_t n,
                                     const void *keys,
                                     const uint32_t *key_lens,
                                     bytestore_area *area);

/**
 * Opens a scan of the keys that begin with `prefix`, compared byte by byte, in
 * insertion order: overwriting an entry keeps its place, deleting and setting
 * it again moves it to the end.
 *
 * The scan sees the keys as of its first page. Others may write meanwhile: no
 * key comes twice, none is missing that was there throughout, and one deleted
 * meanwhile may be left out. Between pages nothing is locked.
 *
 * `prefix`: `prefix_len` bytes, copied; (NULL, 0) means all keys.
 * `cursor`: required; yours until bytestore_cursor_close; NULL on error. It
 * goes on after bytestore_close(store), whose memory it keeps.
 *
 * BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE, _OUT_OF_MEMORY.
 */
bytestore_status bytestore_keys(bytestore_store *store,
                                const uint8_t *prefix,
                                size_t prefix_len,
                                bytestore_cursor **cursor);

/**
 * As bytestore_keys, from a position on, as bytestore_cursor_position gave it:
 * for who goes on later without keeping the cursor, as a web handler does.
 *
 * `position`: 0 is the beginning. It is a number of this store's, good for as
 * long as the store is, whichever cursor it came from and whatever was set or
 * deleted since; keys inserted meanwhile come when their turn does.
 */
bytestore_status bytestore_keys_from(bytestore_store *store,
                                     const uint8_t *prefix,
                                     size_t prefix_len,
                                     uint64_t position,
                                     bytestore_cursor **cursor);

/**
 * Where a cursor's next page begins, for bytestore_keys_from. After the last
 * page it is where keys that are inserted from now on will come.
 *
 * `position`: required; 0 on error.
 *
 * BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE.
 */
bytestore_status bytestore_cursor_position(bytestore_cursor *cursor, uint64_t *position);

/**
 * The next page of keys.
 *
 * `max_keys`: the most keys to give; 0 means 1024. A page may have fewer, as
 * it also ends after about 1 MiB of keys.
 * `out`: required; the keys, with `out->data` holding all of them side by
 * side; yours to give to bytestore_free_buffer. `out->count` 0 is the end of
 * the scan, now and on every later call. Zeroed on error; the page is not lost
 * then: ask again.
 *
 * BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE, _OUT_OF_MEMORY.
 */
bytestore_status bytestore_cursor_next(bytestore_cursor *cursor,
                                       size_t max_keys,
                                       bytestore_buffer *out);

/**
 * Closes a cursor and gives back what it kept. Pages taken from it stay.
 *
 * `cursor`: NULL is fine. BYTESTORE_ERR_CLOSED_HANDLE the second time. Safe
 * while other threads take pages from it.
 */
bytestore_status bytestore_cursor_close(bytestore_cursor *cursor);

/**
 * Saves the store to a file: its entries at one moment, in order, each with
 * the time that it still has to live, and the store's options. Others may
 * write meanwhile; they never wait for longer than for a large batch, and
 * what they replace of what is not saved yet is kept until it is. Of a
 * namespace its own keys are saved. bytestore_open opens such a file, as
 * "snapshot:PATH". Saves of one store take turns.
 *
 * `path`: required, NUL-terminated bytes as the system takes them. The file is
 * there in whole or not at all: it is written beside, as a temporary file that
 * only its owner may read, and takes the old one's place when it is on disk;
 * a symbolic link at `path` is replaced, not followed. After a failure the old
 * file stands and no other is left (the new one, where only the last step
 * failed: to write the folder); a process that is killed leaves its temporary
 * file, `.bytestore-*.tmp`, behind.
 * `level`: 0: not compressed; 1 to 22: Zstandard's level, the usual one is 3.
 *
 * BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE, _OUT_OF_MEMORY,
 * _IO_FAILURE (errno says why), _UNSUPPORTED (a level, of a library that was
 * built without Zstandard).
 */
bytestore_status bytestore_save(bytestore_store *store, const char *path, int32_t level);

/**
 * As bytestore_save, to memory.
 *
 * `out`: required; one answer, the bytes of such a file; yours until
 * bytestore_free_buffer; zeroed on error.
 *
 * BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE, _OUT_OF_MEMORY,
 * _UNSUPPORTED.
 */
bytestore_status bytestore_save_buffer(bytestore_store *store,
                                       int32_t level,
                                       bytestore_buffer *out);

/**
 * Loads a file that bytestore_save has written: in one step its entries take
 * the place of all that the store had; a namespace's, of what the namespace
 * had. Options stay the store's own: what is more than it may hold is evicted,
 * and the time to live that entries have left is the file's. Counters of what
 * happened so far stay. Until that step the store is as it was, and in use;
 * after any error it stays so.
 *
 * `path`: required, NUL-terminated; a regular file.
 *
 * BYTESTORE_ERR_INVALID_ARGUMENT, _BAD_SNAPSHOT (not such a file, or not
 * whole), _UNSUPPORTED (of a later version, or compressed, and the library was
 * built without Zstandard), _OVER_LIMIT (an entry is more than the store may
 * hold), _IO_FAILURE (errno says why), _CLOSED_HANDLE, _OUT_OF_MEMORY.
 */
bytestore_status bytestore_load(bytestore_store *store, const char *path);

/**
 * As bytestore_load, from memory.
 *
 * `bytes`: `len` bytes, read during the call only, as bytestore_save_buffer
 * has given them or as they stand in a file.
 *
 * BYTESTORE_ERR_INVALID_ARGUMENT, _BAD_SNAPSHOT, _UNSUPPORTED, _OVER_LIMIT,
 * _CLOSED_HANDLE, _OUT_OF_MEMORY.
 */
bytestore_status bytestore_load_buffer(bytestore_store *store, const uint8_t *bytes, size_t len);

/**
 * How far the saving or loading of a store is that is under way on another
 * thread: asked as often as one likes, at the cost of reading two numbers.
 *
 * `done` (optional), `total` (optional): of a save entries, of a load bytes;
 * `total` may be some more than there is to do. Both 0 when nothing is under
 * way. Of a save and a load at once, or of two loads, they say nothing of use.
 *
 * BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE.
 */
bytestore_status bytestore_progress(bytestore_store *store, uint64_t *done, uint64_t *total);

/**
 * Reads what a store counts: a moment's work, whatever is in it.
 *
 * `counters`: required; its `size` is set by you, and all else is written, up
 * to that size. A `size` smaller than the first version of the struct is
 * BYTESTORE_ERR_INVALID_ARGUMENT. On error only `size` is left as it was, all
 * else is zeroed, unless `size` itself is at fault.
 *
 * BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE.
 */
bytestore_status bytestore_read_counters(bytestore_store *store, bytestore_counters *counters);

/**
 * Turns the clock of a store that was opened with "clock=manual" forward, by
 * milliseconds: for tests of programs that use time to live.
 *
 * BYTESTORE_ERR_INVALID_ARGUMENT for a store with the system's clock,
 * _CLOSED_HANDLE.
 */
bytestore_status bytestore_advance_clock(bytestore_store *store, uint64_t milliseconds);

/**
 * What a store can promise beside the four operations: in memory all of it,
 * on a server less.
 *
 * `capabilities`: required; the sum of the BYTESTORE_CAN_… that hold; 0 on
 * error. Later versions may add some.
 *
 * BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE.
 */
bytestore_status bytestore_capabilities(bytestore_store *store, uint64_t *capabilities);

/**
 * Why a call on a server failed with BYTESTORE_ERR_REMOTE_FAILURE: what the
 * server or the system said, in English, for logs. It is the last such failure
 * of this store on any thread.
 *
 * `out`: required; one slice, empty if no call failed so; yours to give to
 * bytestore_free_buffer. Zeroed on error.
 *
 * BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE, _OUT_OF_MEMORY.
 */
bytestore_status bytestore_remote_message(bytestore_store *store, bytestore_buffer *out);

/**
 * Looks `n` keys up as bytestore_mget does, for a caller that will compute
 * what is missing:
 *
 *   bytestore_compute(store, n, keys, key_lens, 0, &computation);
 *   while (bytestore_computation_next(computation, &missing) == BYTESTORE_OK &&
 *          missing.count > 0) {
 *     ... one value for each of missing.slices ...
 *     bytestore_computation_set(computation, missing.count, values, NULL);
 *     bytestore_free_buffer(&missing);
 *   }
 *   bytestore_computation_values(computation, &answers);
 *   bytestore_computation_close(computation);
 *
 * Of several threads that miss the same key at once, through any handle of the
 * store, one is given it to compute, and the others wait for its value. Nothing
 * is locked meanwhile, and the store may be used. Failures go to all who wait,
 * and are not kept: the next one computes again.
 *
 * `keys`, `key_lens`: `n` keys in either shape (see Inputs).
 * `ttl_ms`: how long what is computed lives, as for bytestore_mset_ttl; 0: as
 * the store's default says.
 * `computation`: required; yours until bytestore_computation_close; NULL on
 * error. It goes on after bytestore_close(store), whose memory it keeps.
 *
 * BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE, _OUT_OF_MEMORY.
 */
bytestore_status bytestore_compute(bytestore_store *store,
                                   size_t n,
                                   const void *keys,
                                   const uint32_t *key_lens,
                                   uint64_t ttl_ms,
                                   bytestore_computation **computation);

/**
 * The keys that the caller is to compute now: all that are missing and that
 * nobody else computes, each once, in the order of their first places. When
 * there are none, it waits for those that others compute; when one of them
 * gives up, its keys are the next ones to compute.
 *
 * `missing`: required; the keys, as a page of bytestore_cursor_next; yours to
 * give to bytestore_free_buffer. `missing->count` 0: all keys have values.
 * Asked again before they are set, it gives the same keys.
 *
 * BYTESTORE_ERR_INVALID_ARGUMENT (also for keys that this thread is computing
 * already, or that wait for it), _CLOSED_HANDLE, _OUT_OF_MEMORY; what another
 * thread gave to bytestore_computation_fail for one of these keys, or its
 * bytestore_computation_set failed with.
 */
bytestore_status bytestore_computation_next(bytestore_computation *computation,
                                            bytestore_buffer *missing);

/**
 * Sets the values of the keys that bytestore_computation_next gave, in one
 * step, and gives them to all who wait.
 *
 * `n`, `values`, `value_lens`: as many values, in the order of those keys, in
 * either shape (see Inputs).
 *
 * BYTESTORE_ERR_INVALID_ARGUMENT (also for another number of values),
 * _OVER_LIMIT, _CLOSED_HANDLE, _OUT_OF_MEMORY: then all who wait are told so,
 * and the keys may be computed again.
 */
bytestore_status bytestore_computation_set(bytestore_computation *computation,
                                           size_t n,
                                           const void *values,
                                           const uint32_t *value_lens);

/**
 * Tells all who wait for the keys that bytestore_computation_next gave that
 * they will not come.
 *
 * `status`: what their bytestore_computation_next returns; any number but
 * BYTESTORE_OK, which is BYTESTORE_ERR_INVALID_ARGUMENT.
 *
 * BYTESTORE_ERR_INVALID_ARGUMENT, _CLOSED_HANDLE.
 */
bytestore_status bytestore_computation_fail(bytestore_computation *computation,
                                            bytestore_status status);

/**
 * The values of all keys that bytestore_compute was given.
 *
 * `out`: required; one answer for each key, in order, none of them missing;
 * yours to give to bytestore_free_buffer. Zeroed on error. `out->data` has all
 * of them side by side, whatever their lengths.
 *
 * BYTESTORE_ERR_INVALID_ARGUMENT (also when some are not computed yet),
 * _CLOSED_HANDLE, _OUT_OF_MEMORY.
 */
bytestore_status bytestore_computation_values(bytestore_computation *computation,
                                              bytestore_buffer *out);

/**
 * Closes a computation. Keys that were given to compute and have no values yet
 * are left to those who wait for them.
 *
 * `computation`: NULL is fine. BYTESTORE_ERR_CLOSED_HANDLE the second time.
 */
bytestore_status bytestore_computation_close(bytestore_computation *computation);

/**
 * The version of the library: "major.minor.patch".
 *
 * Never NULL. The string is static: do not free it.
 */
const char *bytestore_version(void);

/**
 * The version of the library's binary interface. A program that loads the
 * library at run time compares it with its header's BYTESTORE_ABI_VERSION
 * before it calls anything else.
 */
uint32_t bytestore_abi_version(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* BYTESTORE_H */
