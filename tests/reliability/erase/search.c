/* Searches the process's own memory, and what it gives back. No secret stands in clear here: only what is hidden by
 * another random word is kept, and the place that memory is read to is not searched itself. */
#include "search.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SECRETS = 2, WORD = sizeof(uint64_t), LINE = 64, CHUNK = 1 << 20 };

/* Every word of a secret that is written over and over, wherever it begins, hidden; also as a number that is compared
 * as bytes are, which has them in reverse. */
static uint64_t hiding;
static uint8_t hidden[SECRETS][SECRET_LEN];
static uint64_t words[SECRETS * SECRET_LEN][2];
/* Bits of the lowest 16 bits of each. */
static uint64_t likely[(1 << 16) / 64];

static uint8_t chunk[CHUNK];
static size_t given_back;
static uint64_t searched;

static void fill_randomly(void *place, size_t len) {
    if (getrandom(place, len, 0) != (ssize_t)len) {
        perror("getrandom");
        exit(EXIT_FAILURE);
    }
}

static uint8_t hiding_byte(size_t at) { return (uint8_t)(hiding >> (at % WORD * 8)); }

void new_secrets(void) {
    fill_randomly(&hiding, sizeof hiding);
    fill_randomly(hidden, sizeof hidden);
    memset(likely, 0, sizeof likely);
    for (size_t which = 0; which < SECRETS; which++) {
        for (size_t start = 0; start < SECRET_LEN; start++) {
            uint64_t word = 0;
            for (size_t at = 0; at < WORD; at++) {
                /* The secret's byte is hidden as the byte of its own place; here it stands in another one. */
                const size_t from = (start + at) % SECRET_LEN;
                const uint8_t byte = hidden[which][from] ^ hiding_byte(from) ^ hiding_byte(at);
                word |= (uint64_t)byte << (at * 8);
            }
            const uint64_t both[] = {word, __builtin_bswap64(word ^ hiding) ^ hiding};
            for (size_t i = 0; i < 2; i++) {
                words[which * SECRET_LEN + start][i] = both[i];
                likely[(both[i] & 0xFFFF) / 64] |= UINT64_C(1) << (both[i] % 64);
            }
        }
    }
    given_back = 0;
}

void spell(secret which, uint8_t *place, size_t len) {
    for (size_t at = 0; at < len; at++) {
        place[at] = hidden[which][at % SECRET_LEN] ^ hiding_byte(at % SECRET_LEN);
    }
}

static bool is_secret(uint64_t word) {
    word ^= hiding;
    if ((likely[(word & 0xFFFF) / 64] >> (word % 64) & 1) == 0) {
        return false;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (words[i][0] == word || words[i][1] == word) {
            return true;
        }
    }
    return false;
}

/* Whether so many bytes are all zero; most of memory is. */
static bool is_zero(const uint8_t *bytes, size_t len) {
    uint64_t any = 0;
    for (size_t at = 0; at < len; at += WORD) {
        uint64_t word;
        memcpy(&word, bytes + at, WORD);
        any |= word;
    }
    return any == 0;
}

/* Words side by side, at every byte, are one place if they are `least`. `run`: how many came before the first one. */
static size_t places_in(const uint8_t *bytes, size_t len, size_t least, size_t *run) {
    size_t places = 0;
    for (size_t at = 0; at + WORD <= len; at++) {
        while (at + 2 * LINE <= len && is_zero(bytes + at, LINE + WORD)) {
            at += LINE;
            *run = 0;
        }
        uint64_t word;
        memcpy(&word, bytes + at, WORD);
        *run = is_secret(word) ? *run + 1 : 0;
        places += *run == least;
    }
    searched += len;
    return places;
}

/* The writable part of memory from `start` to `end`, but for where it is read to. */
static size_t places_between(int memory, uint64_t start, uint64_t end, size_t least) {
    const uint64_t own = (uint64_t)(uintptr_t)chunk;
    if (start < own + CHUNK && own < end) {
        const size_t below = start < own ? places_between(memory, start, own, least) : 0;
        return below + (own + CHUNK < end ? places_between(memory, own + CHUNK, end, least) : 0);
    }
    size_t places = 0, run = 0;
    while (start + WORD <= end) {
        const size_t wanted = end - start < CHUNK ? (size_t)(end - start) : CHUNK;
        const ssize_t got = pread(memory, chunk, wanted, (off_t)start);
        if (got < WORD) {
            break; /* what the kernel keeps to itself */
        }
        places += places_in(chunk, (size_t)got, least, &run);
        start += (uint64_t)got - (WORD - 1);
    }
    return places;
}

size_t places_left(void) {
    static char text[1 << 18];
    const int maps = open("/proc/self/maps", O_RDONLY), memory = open("/proc/self/mem", O_RDONLY);
    const uint64_t here = (uint64_t)(uintptr_t)__builtin_frame_address(0);
    size_t len = 0, places = given_back;
    for (ssize_t got = 1; got > 0 && len < sizeof text - 1; len += (size_t)got) {
        got = read(maps, text + len, sizeof text - 1 - len);
        if (got <= 0) {
            break;
        }
    }
    if (maps < 0 || memory < 0 || len == 0 || len == sizeof text - 1) {
        fprintf(stderr, "this process's memory cannot be read\n");
        exit(EXIT_FAILURE);
    }
    text[len] = 0;
    for (char *line = text, *next; (next = strchr(line, '\n')) != NULL; line = next + 1) {
        uint64_t start, end;
        char access[5];
        if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &start, &end, access) == 3 && access[1] == 'w') {
            const bool is_stack = here >= start && here < end;
            places += places_between(memory, start, end, is_stack ? SECRET_LEN - WORD + 1 : 1);
        }
    }
    close(maps);
    close(memory);
    return places;
}

uint64_t bytes_searched(void) { return searched; }

/* --- What the library gives back to the system, seen just before: these two stand before the C library's --- */

int munmap(void *start, size_t len) {
    size_t run = 0;
    given_back += places_in(start, len, 1, &run);
    return (int)syscall(SYS_munmap, start, len);
}

int madvise(void *start, size_t len, int advice) {
    size_t run = 0;
    if (advice == MADV_DONTNEED) {
        given_back += places_in(start, len, 1, &run);
    }
    return (int)syscall(SYS_madvise, start, len, advice);
}
