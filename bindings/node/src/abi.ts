// The C ABI, declared once: the functions, structs and constants of include/bytestore.h. Knows no caller and no library.

export const ABI_VERSION = 1;
export const MAX_ITEM_LEN = 4294967295;
export const NO_TTL = 2n ** 64n - 1n;

export const CAN_KEEP_ORDER = 1;
export const CAN_BATCH_ATOMICALLY = 2;
export const CAN_FIND_PREFIXES = 4;
export const CAN_SEEK = 8;
export const CAN_SAVE = 16;
export const CAN_MEASURE = 32;

export const OK = 0;
export const ERR_INVALID_ARGUMENT = 1;
export const ERR_CLOSED_HANDLE = 2;
export const ERR_OUT_OF_MEMORY = 3;
export const ERR_OVER_LIMIT = 4;
export const ERR_REMOTE_FAILURE = 5;
export const ERR_INTERNAL = 6;
export const ERR_IO_FAILURE = 7;
export const ERR_BAD_SNAPSHOT = 8;
export const ERR_UNSUPPORTED = 9;

/** What the declarations call a type, and its name in C as koffi has it. */
export const TYPES = {
  status: 'int32_t',
  i32: 'int32_t',
  u32: 'uint32_t',
  u64: 'uint64_t',
  size: 'size_t',
  /** An id of a store, a cursor or a computation, never an address. */
  handle: 'uint64_t',
  /** Memory of this side's: a typed array, or where it is; null is NULL. */
  address: 'void *',
  text: 'const char *',
} as const;

export type Type = keyof typeof TYPES;

/** Name: [result, arguments]. */
export const FUNCTIONS = {
  bytestore_version: ['text', []],
  bytestore_abi_version: ['u32', []],
  bytestore_status_name: ['text', ['status']],
  bytestore_status_message: ['text', ['status']],
  bytestore_new: ['handle', []],
  bytestore_open: ['status', ['text', 'address', 'address']],
  bytestore_namespace: ['status', ['handle', 'address', 'size', 'address']],
  bytestore_close: ['status', ['handle']],
  bytestore_mset: ['status', ['handle', 'size', 'address', 'address', 'address', 'address']],
  bytestore_mset_ttl: ['status', ['handle', 'size', 'address', 'address', 'address', 'address', 'u64']],
  bytestore_mget: ['status', ['handle', 'size', 'address', 'address', 'address']],
  bytestore_mget_into: ['status', ['handle', 'size', 'address', 'address', 'address']],
  bytestore_mdelete: ['status', ['handle', 'size', 'address', 'address', 'address']],
  bytestore_delete_prefix: ['status', ['handle', 'address', 'size', 'address']],
  bytestore_count: ['status', ['handle', 'address', 'size', 'address']],
  bytestore_len: ['status', ['handle', 'address']],
  bytestore_check_items: ['status', ['size', 'address', 'address', 'address']],
  bytestore_keys: ['status', ['handle', 'address', 'size', 'address']],
  bytestore_keys_from: ['status', ['handle', 'address', 'size', 'u64', 'address']],
  bytestore_cursor_position: ['status', ['handle', 'address']],
  bytestore_cursor_next: ['status', ['handle', 'size', 'address']],
  bytestore_cursor_close: ['status', ['handle']],
  bytestore_free_buffer: ['status', ['address']],
  bytestore_save: ['status', ['handle', 'text', 'i32']],
  bytestore_save_buffer: ['status', ['handle', 'i32', 'address']],
  bytestore_load: ['status', ['handle', 'text']],
  bytestore_load_buffer: ['status', ['handle', 'address', 'size']],
  bytestore_progress: ['status', ['handle', 'address', 'address']],
  bytestore_read_counters: ['status', ['handle', 'address']],
  bytestore_advance_clock: ['status', ['handle', 'u64']],
  bytestore_capabilities: ['status', ['handle', 'address']],
  bytestore_remote_message: ['status', ['handle', 'address']],
  // Not called: `flights.ts` computes once in JavaScript's own way, where promises wait and no thread does.
  bytestore_compute: ['status', ['handle', 'size', 'address', 'address', 'u64', 'address']],
  bytestore_computation_next: ['status', ['handle', 'address']],
  bytestore_computation_set: ['status', ['handle', 'size', 'address', 'address']],
  bytestore_computation_fail: ['status', ['handle', 'status']],
  bytestore_computation_values: ['status', ['handle', 'address']],
  bytestore_computation_close: ['status', ['handle']],
} as const satisfies Record<string, readonly [Type, readonly Type[]]>;

/** Every field of every struct is one word of 64 bits, so that a field's place is all there is to know of it. */
export const STRUCTS = {
  bytestore_slice: { ptr: 'address', len: 'size' },
  bytestore_buffer: { slices: 'address', count: 'size', data: 'address', data_len: 'size', owner: 'address' },
  bytestore_area: { bytes: 'address', capacity: 'size', lens: 'address', len: 'size' },
  bytestore_counters: {
    size: 'size',
    hits: 'u64',
    misses: 'u64',
    sets: 'u64',
    deletes: 'u64',
    evictions_by_bytes: 'u64',
    evictions_by_entries: 'u64',
    expirations: 'u64',
    entries: 'u64',
    key_bytes: 'u64',
    value_bytes: 'u64',
    overhead_bytes: 'u64',
    max_bytes: 'u64',
    max_entries: 'u64',
  },
} as const satisfies Record<string, Record<string, Type>>;

/** Bytes of a field. */
export const WORD = 8;
