/* What a call may say, given its arguments, as the header describes it. */
#include "calls.h"

#include <stdalign.h>

/* Whether an input is one that the header allows. */
static bool is_input(uint64_t n, const void *items, const uint32_t *lens) {
    if (n == 0) {
        return true;
    }
    if (n > 128) {
        return false; /* of all counts above, none that is larger fits into memory */
    }
    if (lens == NULL) {
        const bytestore_slice *slices = items;
        if (items == NULL || (uintptr_t)items % alignof(bytestore_slice) != 0 || (uintptr_t)items == UINTPTR_MAX) {
            return false;
        }
        for (size_t i = 0; i < n; i++) {
            if (slices[i].len > BYTESTORE_MAX_ITEM_LEN || (slices[i].ptr == NULL && slices[i].len > 0) ||
                (uintptr_t)slices[i].ptr > UINTPTR_MAX - slices[i].len) {
                return false;
            }
        }
        return true;
    }
    if ((uintptr_t)lens % alignof(uint32_t) != 0) {
        return false;
    }
    size_t total = 0;
    for (size_t i = 0; i < n; i++) {
        total += lens[i];
    }
    return total == 0 || (items != NULL && (uintptr_t)items <= UINTPTR_MAX - total);
}

static bool is_prefix(uint64_t start, uint64_t len) {
    return len == 0 || (start != 0 && len <= SIZE_MAX / 2 && start <= UINTPTR_MAX - len);
}

unsigned allowed_by(const export_row *row, const argument *arguments) {
    unsigned bad = 0, also = 0;
    uint64_t n = 0;
    for (size_t i = 0; i < row->parameters; i++) {
        const argument *it = &arguments[i];
        switch (row->of[i].kind) {
        case COUNT:
            n = it->value;
            break;
        case ITEMS:
            bad |= is_input(n, (const void *)(uintptr_t)it->value, (const uint32_t *)(uintptr_t)it[1].value)
                       ? 0
                       : 1u << INVALID;
            break;
        case PREFIX:
            bad |= is_prefix(it->value, it[1].value) ? 0 : 1u << INVALID;
            also |= it[1].value == SIZE_MAX / 2 ? 1u << BYTESTORE_ERR_OUT_OF_MEMORY : 0;
            break;
        case SNAPSHOT:
            bad |= !is_prefix(it->value, it[1].value)                                ? 1u << INVALID
                   : it->value != (uintptr_t)snapshot || it[1].value != snapshot_len ? 1u << BYTESTORE_ERR_BAD_SNAPSHOT
                                                                                     : 0;
            break;
        case STORE:
        case CURSOR:
        case COMPUTATION:
            bad |= it->verdict == OK || (it->value == 0 && strstr(row->name, "close") != NULL) ? 0 : 1u << CLOSED;
            break;
        case NUMBER: /* "A ttl of 0", and a failure that is none */
            bad |= (int32_t)it->value == 0 && strcmp(row->name, "bytestore_computation_fail") == 0 ? 1u << INVALID : 0;
            bad |= it->value == 0 && strcmp(row->name, "bytestore_mset_ttl") == 0 ? 1u << INVALID : 0;
            break;
        default:
            bad |= it->verdict == OK || (it->verdict == UNLESS_EMPTY && n == 0)
                       ? 0
                       : 1u << (it->verdict == UNLESS_EMPTY ? INVALID : it->verdict);
        }
    }
    if (strcmp(row->name, "bytestore_computation_set") == 0 && n != MISSING_KEYS) {
        bad |= 1u << INVALID;
    }
    if (strcmp(row->name, "bytestore_computation_values") == 0) {
        bad |= 1u << INVALID; /* they are not computed */
    }
    return bad != 0 ? bad : also | 1u << OK;
}
