/* The hash of a term is a polynomial in the characters of its name, so that it comes from the hashes of its parts:
   the hash of "ab" is the hash of "a" times BASE^length("b") plus the hash of "b". stance/packing.py does the same. */

#ifndef STANCE_HASH_H
#define STANCE_HASH_H

#include <stdint.h>

#define HASH_BASE UINT64_C(0x9E3779B97F4A7C15)
#define HASH_MIXER UINT64_C(0xD6E8FEB86659FD93)

#define POWER_1 HASH_BASE
#define POWER_2 (POWER_1 * HASH_BASE)
#define POWER_3 (POWER_2 * HASH_BASE)
#define POWER_4 (POWER_3 * HASH_BASE)
#define POWER_5 (POWER_4 * HASH_BASE)
#define POWER_6 (POWER_5 * HASH_BASE)
#define POWER_7 (POWER_6 * HASH_BASE)

/* A piece of a term's name: its hash, and BASE to the power of its length. */
typedef struct {
    uint64_t hash, power;
} piece;

static inline uint64_t add_character(uint64_t hash, uint32_t character)
{
    return hash * HASH_BASE + character;
}

static inline uint64_t add_piece(uint64_t hash, piece next)
{
    return hash * next.power + next.hash;
}

static inline uint64_t add_spaced(uint64_t hash, piece next)
{
    return add_piece(add_character(hash, ' '), next);
}

static inline piece piece_of(const char *ascii)
{
    piece result = {0, 1};
    for (; *ascii; ascii++) {
        result.hash = add_character(result.hash, (uint8_t)*ascii);
        result.power *= HASH_BASE;
    }
    return result;
}

/* Spread the hash over all bits: the upper half chooses the bucket, the lower one is the fingerprint. */
static inline uint64_t mix(uint64_t hash)
{
    hash ^= hash >> 32;
    hash *= HASH_MIXER;
    hash ^= hash >> 32;
    hash *= HASH_MIXER;
    return hash ^ hash >> 32;
}

#endif
