/* Keys that collide under hash functions that are known. Where two blocks leave a function in the same state, n pairs
 * of them make 2^n keys (Joux, CRYPTO 2004); how murmur and CityHash fall for every seed: Aumasson, Bernstein, Bosslet,
 * "Hash-flooding DoS reloaded", 2012. The functions here are their reference forms, for the lengths that are made. */
#include "keys.h"

#include <string.h>

enum { MOST_BITS = 20, MOST_BLOCK = 32 };
typedef uint8_t pair[2][MOST_BLOCK];

static uint64_t word(const void *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

static uint32_t half(const void *bytes) {
    uint32_t half;
    memcpy(&half, bytes, sizeof half);
    return half;
}

static uint64_t rotl(uint64_t x, unsigned by) { return x << by | x >> (64 - by); }
static uint64_t rotr(uint64_t x, unsigned by) { return x >> by | x << (64 - by); }
static uint32_t rotl32(uint32_t x, unsigned by) { return x << by | x >> (32 - by); }

/* What an odd number is undone with, modulo 2^64: each step doubles the bits that are right (Newton). */
static uint64_t inverse(uint64_t odd) {
    uint64_t inverse = odd;
    for (int step = 0; step < 6; step++) {
        inverse *= 2 - odd * inverse;
    }
    return inverse;
}

/* Every way to take one of each pair. */
static void combine(key_set *set, pair *pairs, size_t block, unsigned bits) {
    uint8_t key[MOST_BITS * MOST_BLOCK] = {0};
    for (size_t number = 0; number < (size_t)1 << bits; number++) {
        for (unsigned bit = 0; bit < bits; bit++) {
            memcpy(key + bit * block, pairs[bit][number >> bit & 1], block);
        }
        add_key(set, key, bits * block);
    }
}

static void combine_same(key_set *set, const void *one, const void *other, size_t block, unsigned bits) {
    pair pairs[MOST_BITS];
    for (unsigned bit = 0; bit < bits; bit++) {
        memcpy(pairs[bit][0], one, block);
        memcpy(pairs[bit][1], other, block);
    }
    combine(set, pairs, block, bits);
}

/* --- Sums of powers: Java's strings, and what Bernstein's times33 is in many languages --- */

static uint64_t powers(const uint8_t *key, size_t len, uint64_t hash, uint64_t base) {
    for (size_t i = 0; i < len; i++) {
        hash = hash * base + key[i];
    }
    return hash;
}

static uint64_t times31(const uint8_t *key, size_t len, uint64_t seed) { return powers(key, len, seed, 31); }
static uint64_t times33(const uint8_t *key, size_t len, uint64_t seed) { return powers(key, len, seed, 33); }
static void for_times31(key_set *set, unsigned bits) { combine_same(set, "Aa", "BB", 2, bits); }
static void for_times33(key_set *set, unsigned bits) { combine_same(set, "Ez", "FY", 2, bits); }

/* --- FNV-1a of 64 bits --- */

static const uint64_t fnv_prime = 0x100000001b3, fnv_start = 0xcbf29ce484222325;

static uint64_t fnv(const uint8_t *key, size_t len, uint64_t seed) {
    uint64_t hash = fnv_start ^ seed;
    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ key[i]) * fnv_prime;
    }
    return hash;
}

/* A short vector of a lattice: the sum of steps[i] * fnv_prime^(10 - i) is 0 modulo 2^64. Two blocks that change the
 * state by numbers so far apart, byte after byte, meet. */
enum { FNV_BLOCK = 10 };
static const int steps[FNV_BLOCK] = {-40, 15, -7, 5, 18, -34, -10, -11, 41, -5};

/* Chooses bytes from `at` on, so that both can be made by an exclusive or of the state's last byte. */
static bool find_pair(pair found, size_t at, uint64_t one, uint64_t other) {
    if (at == FNV_BLOCK) {
        return one == other;
    }
    for (int next = 0; next < 256; next++) {
        const int last_one = (int)(one & 255), last_other = (int)(other & 255);
        const int beside = last_other + (next - last_one) + steps[at];
        if (beside >= 0 && beside < 256) {
            found[0][at] = (uint8_t)(next ^ last_one), found[1][at] = (uint8_t)(beside ^ last_other);
            if (find_pair(found, at + 1, (one ^ found[0][at]) * fnv_prime, (other ^ found[1][at]) * fnv_prime)) {
                return true;
            }
        }
    }
    return false;
}

static void for_fnv(key_set *set, unsigned bits) {
    pair pairs[MOST_BITS];
    uint64_t state = fnv_start;
    for (unsigned bit = 0; bit < bits && find_pair(pairs[bit], 0, state, state); bit++) {
        for (size_t i = 0; i < FNV_BLOCK; i++) {
            state = (state ^ pairs[bit][0][i]) * fnv_prime;
        }
    }
    combine(set, pairs, FNV_BLOCK, bits);
}

/* --- MurmurHash64A (2) and MurmurHash3_x86_32: a difference in the highest bit that the next block takes back --- */

static const uint64_t murmur2_m = 0xc6a4a7935bd1e995;

static uint64_t murmur2(const uint8_t *key, size_t len, uint64_t seed) {
    uint64_t hash = seed ^ (len * murmur2_m);
    for (size_t i = 0; i < len; i += 8) {
        uint64_t k = word(key + i) * murmur2_m;
        hash = (hash ^ (k ^ k >> 47) * murmur2_m) * murmur2_m;
    }
    hash = (hash ^ hash >> 47) * murmur2_m;
    return hash ^ hash >> 47;
}

static void unmix2(uint64_t mixed, uint8_t *bytes) {
    uint64_t k = mixed * inverse(murmur2_m);
    k = (k ^ k >> 47) * inverse(murmur2_m);
    memcpy(bytes, &k, sizeof k);
}

static void for_murmur2(key_set *set, unsigned bits) {
    uint8_t blocks[2][16];
    for (uint64_t i = 0; i < 2; i++) {
        unmix2(1 ^ i << 63, blocks[i]);
        unmix2(2 ^ i << 63, blocks[i] + 8);
    }
    combine_same(set, blocks[0], blocks[1], 16, bits);
}

static const uint32_t murmur3_c1 = 0xcc9e2d51, murmur3_c2 = 0x1b873593;

static uint64_t murmur3(const uint8_t *key, size_t len, uint64_t seed) {
    uint32_t hash = (uint32_t)seed;
    for (size_t i = 0; i < len; i += 4) {
        hash ^= rotl32(half(key + i) * murmur3_c1, 15) * murmur3_c2;
        hash = rotl32(hash, 13) * 5 + 0xe6546b64;
    }
    hash ^= (uint32_t)len;
    hash = (hash ^ hash >> 16) * 0x85ebca6b;
    hash = (hash ^ hash >> 13) * 0xc2b2ae35;
    return hash ^ hash >> 16;
}

static void unmix3(uint32_t mixed, uint8_t *bytes) {
    const uint32_t k = rotl32(mixed * (uint32_t)inverse(murmur3_c2), 17) * (uint32_t)inverse(murmur3_c1);
    memcpy(bytes, &k, sizeof k);
}

static void for_murmur3(key_set *set, unsigned bits) {
    uint8_t blocks[2][8];
    for (uint32_t i = 0; i < 2; i++) {
        unmix3(1 ^ i << 18, blocks[i]); /* the rotation makes it the highest */
        unmix3(2 ^ i << 31, blocks[i] + 4);
    }
    combine_same(set, blocks[0], blocks[1], 8, bits);
}

/* --- CityHash64 of 32 bytes: four words, two numbers of which everything else is made --- */

static const uint64_t city_k1 = 0xb492b66fbe98f273, city_k2 = 0x9ae16a3b2f90404f;

static uint64_t city16(uint64_t u, uint64_t v, uint64_t mul) {
    uint64_t a = (u ^ v) * mul;
    a ^= a >> 47;
    uint64_t b = (v ^ a) * mul;
    b ^= b >> 47;
    return b * mul;
}

static uint64_t city(const uint8_t *key, size_t len, uint64_t seed) {
    const uint64_t mul = city_k2 + len * 2;
    const uint64_t a = word(key) * city_k1, b = word(key + 8), c = word(key + len - 8) * mul,
                   d = word(key + len - 16) * city_k2;
    const uint64_t hash = city16(rotr(a + b, 43) + rotr(c, 30) + d, a + rotr(b + city_k2, 18) + c, mul);
    return seed == 0 ? hash : city16(hash - city_k2, seed, 0x9ddfea08eb382d69);
}

static void for_city(key_set *set, unsigned bits) {
    const uint64_t mul = city_k2 + 64;
    for (uint64_t number = 0; number < (uint64_t)1 << bits; number++) {
        const uint64_t a = number * city_k1, b = 7;
        const uint64_t c = 1 - a - rotr(b + city_k2, 18), d = 2 - rotr(a + b, 43) - rotr(c, 30);
        const uint64_t key[4] = {number, b, d * inverse(city_k2), c * inverse(mul)};
        add_key(set, key, sizeof key);
    }
}

/* --- XXH64 of 64 bytes: the second half of a lane takes back what the first one did, for a seed that is known --- */

static const uint64_t xx_1 = 0x9e3779b185ebca87, xx_2 = 0xc2b2ae3d27d4eb4f, xx_3 = 0x165667b19e3779f9,
                      xx_4 = 0x85ebca77c2b2ae63;

static uint64_t xx_round(uint64_t lane, uint64_t input) { return rotl(lane + input * xx_2, 31) * xx_1; }

static uint64_t xx(const uint8_t *key, size_t len, uint64_t seed) {
    uint64_t lanes[4] = {seed + xx_1 + xx_2, seed + xx_2, seed, seed - xx_1};
    for (size_t i = 0; i < len; i += 8) {
        lanes[i / 8 % 4] = xx_round(lanes[i / 8 % 4], word(key + i));
    }
    uint64_t hash = rotl(lanes[0], 1) + rotl(lanes[1], 7) + rotl(lanes[2], 12) + rotl(lanes[3], 18);
    for (size_t i = 0; i < 4; i++) {
        hash = (hash ^ xx_round(0, lanes[i])) * xx_1 + xx_4;
    }
    hash += len;
    hash = (hash ^ hash >> 33) * xx_2;
    hash = (hash ^ hash >> 29) * xx_3;
    return hash ^ hash >> 32;
}

static void for_xx(key_set *set, unsigned bits) {
    for (uint64_t number = 0; number < (uint64_t)1 << bits; number++) {
        uint64_t key[8] = {number};
        key[4] = (1 - xx_round(xx_1 + xx_2, number)) * inverse(xx_2);
        add_key(set, key, sizeof key);
    }
}

/* --- wyhash of 32 bytes: whatever is multiplied by 0; every seed, with the secret that all programs have --- */

static const uint64_t wy_0 = 0x2d358dccaa6c78a5, wy_1 = 0x8bb84b93962eacc9;

static uint64_t wy_mix(uint64_t a, uint64_t b) {
    const unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t wy(const uint8_t *key, size_t len, uint64_t seed) {
    seed ^= wy_mix(seed ^ wy_0, wy_1);
    seed = wy_mix(word(key) ^ wy_1, word(key + 8) ^ seed);
    const unsigned __int128 product = (unsigned __int128)(word(key + 16) ^ wy_1) * (word(key + 24) ^ seed);
    return wy_mix((uint64_t)product ^ wy_0 ^ len, (uint64_t)(product >> 64) ^ wy_1);
}

static void for_wy(key_set *set, unsigned bits) {
    for (uint64_t number = 0; number < (uint64_t)1 << bits; number++) {
        const uint64_t key[4] = {wy_1, number, 3, 4};
        add_key(set, key, sizeof key);
    }
}

/* --- FxHash of two words, as in rustc and Firefox --- */

static const uint64_t fx_k = 0x517cc1b727220a95;

static uint64_t fx(const uint8_t *key, size_t len, uint64_t seed) {
    uint64_t hash = seed;
    for (size_t i = 0; i < len; i += 8) {
        hash = (rotl(hash, 5) ^ word(key + i)) * fx_k;
    }
    return hash;
}

static void for_fx(key_set *set, unsigned bits) {
    for (uint64_t number = 0; number < (uint64_t)1 << bits; number++) {
        const uint64_t key[2] = {number, 1 ^ rotl(number * fx_k, 5)};
        add_key(set, key, sizeof key);
    }
}

const key_attack colliding_sets[] = {
    {"times31", for_times31, times31, true},
    {"times33", for_times33, times33, true},
    {"FNV-1a", for_fnv, fnv, false},
    {"murmur2", for_murmur2, murmur2, true},
    {"murmur3", for_murmur3, murmur3, true},
    {"CityHash64", for_city, city, true},
    {"XXH64", for_xx, xx, false},
    {"wyhash", for_wy, wy, true},
    {"FxHash", for_fx, fx, false},
};
const size_t colliding_count = sizeof colliding_sets / sizeof *colliding_sets;
