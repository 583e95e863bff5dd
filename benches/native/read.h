/*
 * Reads the bytes of a key and nothing else: what a scan does with each key. It must not know where keys come from.
 */
#ifndef BENCH_READ_H
#define BENCH_READ_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline void bench_read(const void *key, size_t len) {
    const char *bytes = (const char *)key;
    uint64_t seen = 0, word = 0;
    for (; len >= sizeof word; len -= sizeof word, bytes += sizeof word) {
        memcpy(&word, bytes, sizeof word);
        seen ^= word;
    }
    for (; len > 0; --len) {
        seen ^= (uint8_t)*bytes++;
    }
    __asm__ volatile("" : : "r"(seen)); /* or the compiler would leave the reads out */
}

#endif
