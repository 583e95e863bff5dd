/* Keys that are alike: what programs count with, and what weak hash functions send to few places. */
#include "keys.h"

#include <stdio.h>
#include <string.h>

/* Numbers as their bytes, so many bits to the left: equal modulo a power of two. */
static void shifted(key_set *set, unsigned bits, unsigned by) {
    for (uint64_t number = 0; number < (uint64_t)1 << bits; number++) {
        const uint64_t key = number << by;
        add_key(set, &key, sizeof key);
    }
}

static void counting(key_set *set, unsigned bits) { shifted(set, bits, 0); }
static void modulo_2_16(key_set *set, unsigned bits) { shifted(set, bits, 16); }
static void modulo_2_32(key_set *set, unsigned bits) { shifted(set, bits, 32); }
static void modulo_2_44(key_set *set, unsigned bits) { shifted(set, bits, 44); }

static void doubles(key_set *set, unsigned bits) {
    for (size_t number = 0; number < (size_t)1 << bits; number++) {
        const double key = (double)number;
        add_key(set, &key, sizeof key);
    }
}

static void decimal(key_set *set, unsigned bits) {
    for (size_t number = 0; number < (size_t)1 << bits; number++) {
        char key[32];
        add_key(set, key, (size_t)snprintf(key, sizeof key, "user:%012zu", number));
    }
}

/* Two words that count: all sums and differences come often. */
static void grid(key_set *set, unsigned bits) {
    for (uint64_t number = 0; number < (uint64_t)1 << bits; number++) {
        const uint64_t key[2] = {number >> bits / 2, number & (((uint64_t)1 << bits / 2) - 1)};
        add_key(set, key, sizeof key);
    }
}

/* Long and equal but for a few bits, one in each of some bytes, `apart` bytes apart. */
static void few_bits(key_set *set, unsigned bits, size_t len, size_t apart) {
    for (size_t number = 0; number < (size_t)1 << bits; number++) {
        uint8_t key[400];
        memset(key, 0xaa, sizeof key);
        for (unsigned bit = 0; bit < bits; bit++) {
            key[len / 3 + bit * apart] ^= (uint8_t)((number >> bit & 1) << bit % 8);
        }
        add_key(set, key, len);
    }
}

static void few_bits_of_60(key_set *set, unsigned bits) { few_bits(set, bits, 60, 1); }
static void few_bits_of_100(key_set *set, unsigned bits) { few_bits(set, bits, 100, 2); }
static void few_bits_of_400(key_set *set, unsigned bits) { few_bits(set, bits, 400, 7); }

/* Nothing but zeroes, more and more of them. */
static void zeroes(key_set *set, unsigned bits) {
    static const uint8_t none[2048];
    for (size_t len = 0; len < sizeof none && len < (size_t)1 << bits; len++) {
        add_key(set, none, len);
    }
}

const key_attack alike_sets[] = {
    {"counting", counting, NULL, false},
    {"modulo-2^16", modulo_2_16, NULL, false},
    {"modulo-2^32", modulo_2_32, NULL, false},
    {"modulo-2^44", modulo_2_44, NULL, false},
    {"doubles", doubles, NULL, false},
    {"decimal", decimal, NULL, false},
    {"grid", grid, NULL, false},
    {"few-bits-of-60", few_bits_of_60, NULL, false},
    {"few-bits-of-100", few_bits_of_100, NULL, false},
    {"few-bits-of-400", few_bits_of_400, NULL, false},
    {"zeroes", zeroes, NULL, false},
};
const size_t alike_count = sizeof alike_sets / sizeof *alike_sets;
