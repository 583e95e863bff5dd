/* The clients of a history: threads that do as they are told and note what they see. Knows no right and no wrong. */
#include "history.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LONGEST = 4800, KEY_LEN = 4 };

/* What a history's clients have in common. */
typedef struct {
    bytestore_store *const *stores;
    operation *operations;
    size_t each;
    bool torn;
} work;

/* One client's own. */
typedef struct {
    size_t number;
    bytestore_store *store;
    bytestore_cursor *cursor;
    uint8_t values[MOST_KEYS][LONGEST], room[MOST_KEYS * LONGEST];
} client;

static work current;
static atomic_size_t turn, arrived, left;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* "a00/", "b01/", …: every other key has the first letter, and none is part of another. */
static const char names[KEYS][KEY_LEN + 1] = {"a00/", "b01/", "a02/", "b03/", "a04/", "b05/",
                                              "a06/", "b07/", "a08/", "b09/", "a10/", "b11/"};
static const char *const prefixes[] = {"", "a", "b"};

static bytestore_slice key_slice(uint8_t key) { return (bytestore_slice){(const uint8_t *)names[key], KEY_LEN}; }

/* How long the value of a number is: most are copied, some shared. */
static size_t len_of(uint16_t number) { return number % 16 == 7 ? LONGEST - number % 32 * 2 : 2 + number % 24 * 2; }

/* A number's bytes, again and again. The higher one is first, so that a history's values begin alike: who looks only at
 * how they begin must not take one for another. */
static bytestore_slice value_slice(client *me, size_t place, uint16_t number) {
    for (size_t i = 0; i < len_of(number); i += 2) {
        me->values[place][i] = (uint8_t)(number >> 8);
        me->values[place][i + 1] = (uint8_t)number;
    }
    return (bytestore_slice){me->values[place], len_of(number)};
}

static uint16_t number_of(const uint8_t *bytes, size_t len) {
    uint16_t number = TORN;
    if (len >= 2) {
        number = (uint16_t)(bytes[0] << 8 | bytes[1]);
    }
    return len == len_of(number) && memcmp(bytes, bytes + 2, len - 2) == 0 ? number : TORN;
}

static void get(client *me, operation *op, const bytestore_slice *keys) {
    bytestore_buffer found;
    op->status = bytestore_mget(me->store, op->count, keys, NULL, &found);
    op->done = now();
    for (size_t i = 0; i < found.count; i++) {
        op->values[i] = found.slices[i].ptr == NULL ? MISSING : number_of(found.slices[i].ptr, found.slices[i].len);
    }
    bytestore_free_buffer(&found);
}

static void get_into(client *me, operation *op, const bytestore_slice *keys) {
    size_t lens[MOST_KEYS], start = 0;
    bytestore_area area = {.bytes = me->room, .capacity = sizeof me->room, .lens = lens};
    op->status = bytestore_mget_into(me->store, op->count, keys, NULL, &area);
    op->done = now();
    for (size_t i = 0; i < op->count; i++) {
        op->values[i] = lens[i] == BYTESTORE_MISSING ? MISSING : number_of(me->room + start, lens[i]);
        start += lens[i] == BYTESTORE_MISSING ? 0 : lens[i];
    }
}

static void next_page(client *me, operation *op) {
    bytestore_buffer page;
    op->status = bytestore_cursor_next(me->cursor, op->count, &page);
    op->done = now();
    op->answer = (uint16_t)page.count;
    for (size_t i = 0; i < page.count && i < MOST_KEYS; i++) {
        op->values[i] = TORN;
        for (uint8_t key = 0; key < KEYS; key++) {
            if (page.slices[i].len == KEY_LEN && memcmp(page.slices[i].ptr, names[key], KEY_LEN) == 0) {
                op->values[i] = key;
            }
        }
    }
    bytestore_free_buffer(&page);
}

static bytestore_status set(client *me, const operation *op, const bytestore_slice *keys, const bytestore_slice *values,
                            size_t count) {
    if (current.torn && count == op->count && count > 1) {
        const size_t half = count / 2;
        const bytestore_status status = set(me, op, keys, values, half);
        sched_yield();
        return status == BYTESTORE_OK ? set(me, op, keys + half, values + half, count - half) : status;
    }
    return op->ttl == 0 ? bytestore_mset(me->store, count, keys, NULL, values, NULL)
                        : bytestore_mset_ttl(me->store, count, keys, NULL, values, NULL, op->ttl);
}

static void perform(client *me, operation *op) {
    bytestore_slice keys[MOST_KEYS], values[MOST_KEYS];
    const uint8_t *prefix = (const uint8_t *)prefixes[op->prefix];
    const size_t prefix_len = strlen(prefixes[op->prefix]);
    size_t answer = 0;
    for (size_t i = 0; op->what <= DELETE && i < op->count; i++) {
        keys[i] = key_slice(op->keys[i]);
        values[i] = op->what == SET ? value_slice(me, i, op->values[i]) : (bytestore_slice){0};
    }
    if (op->what == SCAN_BEGIN) {
        bytestore_cursor_close(me->cursor);
        me->cursor = NULL;
    }
    op->call = now();
    if (op->pause & 1) {
        sched_yield();
    }
    switch (op->what) {
    case SET:
        op->status = set(me, op, keys, values, op->count);
        break;
    case GET:
        get(me, op, keys);
        return;
    case GET_INTO:
        get_into(me, op, keys);
        return;
    case DELETE:
        op->status = bytestore_mdelete(me->store, op->count, keys, NULL, &answer);
        break;
    case DELETE_PREFIX:
        op->status = bytestore_delete_prefix(me->store, prefix, prefix_len, &answer);
        break;
    case COUNT:
        op->status = bytestore_count(me->store, prefix, prefix_len, &answer);
        break;
    case SCAN_BEGIN:
        op->status = bytestore_keys(me->store, prefix, prefix_len, &me->cursor);
        next_page(me, op);
        return;
    case SCAN_NEXT:
        next_page(me, op);
        return;
    default:
        op->status = bytestore_advance_clock(me->store, op->ttl);
    }
    if (op->pause & 2) {
        sched_yield();
    }
    op->done = now();
    op->answer = (uint16_t)answer;
}

static void do_history(client *me) {
    operation *mine = current.operations + me->number * current.each;
    me->store = current.stores[me->number];
    atomic_fetch_add(&arrived, 1);
    while (atomic_load(&arrived) < CLIENTS) {
        sched_yield();
    }
    for (size_t i = 0; i < current.each; i++) {
        perform(me, &mine[i]);
    }
    bytestore_cursor_close(me->cursor);
    me->cursor = NULL;
    atomic_fetch_add(&left, 1);
}

static void *follow(void *argument) {
    for (size_t seen = 0;; seen++) {
        while (atomic_load(&turn) == seen) {
            sched_yield();
        }
        do_history(argument);
    }
    return NULL;
}

void run_history(bytestore_store *const stores[CLIENTS], operation *operations, size_t each, bool torn) {
    static client *clients; /* the first one is the caller */
    if (clients == NULL) {
        clients = calloc(CLIENTS, sizeof *clients);
        for (size_t i = 0; clients != NULL && i < CLIENTS; i++) {
            pthread_t thread;
            clients[i].number = i;
            if (i > 0 && pthread_create(&thread, NULL, follow, &clients[i]) != 0) {
                abort();
            }
        }
    }
    current = (work){stores, operations, each, torn};
    atomic_store(&arrived, 0);
    atomic_store(&left, 0);
    atomic_fetch_add(&turn, 1);
    do_history(clients);
    while (atomic_load(&left) < CLIENTS) {
        sched_yield();
    }
}

bytestore_status fill(bytestore_store *store, size_t count) {
    bytestore_status status = BYTESTORE_OK;
    for (size_t i = 0; i < count && status == BYTESTORE_OK; i++) {
        char key[24];
        const uint32_t len = (uint32_t)snprintf(key, sizeof key, "z%zu", i);
        status = bytestore_mset(store, 1, key, &len, "", &(uint32_t){0});
    }
    return status;
}
