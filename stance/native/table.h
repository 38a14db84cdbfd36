/* The table of terms: buckets of half a cache line, which hold the fingerprints of up to seven terms.

   The weights of a bucket's terms follow each other from its first row. A term whose bucket is full stands in the next
   one that has room; a bucket that such a term has passed is marked. */

#ifndef STANCE_TABLE_H
#define STANCE_TABLE_H

#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "hash.h"
#include "portable.h"

#define BUCKET_TERMS 7
#define LONGEST_SPILL 64

typedef struct {
    uint32_t fingerprints[BUCKET_TERMS]; /* 0 where there is no term */
    uint32_t first_and_mark;             /* twice the first row, plus the mark */
} bucket;

typedef struct {
    const bucket *buckets;
    uint32_t count;
    uint32_t rows;
    const char *weights; /* of the rows, to be fetched ahead */
    size_t row_size;
} table;

static inline uint32_t home_bucket(const table *terms, uint64_t mixed)
{
    return (uint32_t)((mixed >> 32) * terms->count >> 32);
}

static inline uint32_t fingerprint(uint64_t mixed)
{
    return (uint32_t)mixed | 1;
}

/* Return a bit for each slot of a bucket that has a fingerprint. */
static inline unsigned matching_slots(const bucket *here, uint32_t wanted)
{
#ifdef __SSE2__
    __m128i four = _mm_set1_epi32((int)wanted);
    __m128i low = _mm_cmpeq_epi32(four, _mm_loadu_si128((const __m128i *)(const void *)here->fingerprints));
    __m128i high = _mm_cmpeq_epi32(four, _mm_loadu_si128((const __m128i *)(const void *)(here->fingerprints + 3)));
    return (unsigned)(_mm_movemask_ps(_mm_castsi128_ps(low)) | _mm_movemask_ps(_mm_castsi128_ps(high)) << 3);
#else
    unsigned hits = 0;
    for (int slot = 0; slot < BUCKET_TERMS; slot++)
        hits |= (unsigned)(here->fingerprints[slot] == wanted) << slot;
    return hits;
#endif
}

/* Find the row of a term by its mixed hash; return whether the model knows it. Most terms are known and in their home bucket, so
   that is done without a branch that depends on the slot. */
static inline int find_term(const table *terms, uint64_t mixed, uint32_t *row)
{
    uint32_t at = home_bucket(terms, mixed), wanted = fingerprint(mixed);
    for (;;) {
        const bucket *here = terms->buckets + at;
        unsigned hits = matching_slots(here, wanted);
        int slot = lowest_bit(hits | 1u << (BUCKET_TERMS - 1));
        *row = (here->first_and_mark >> 1) + (uint32_t)slot;
        if (!(here->first_and_mark & (hits - 1) >> 31)) /* `hits - 1` is negative only without a hit */
            return hits != 0;
        at = at + 1 == terms->count ? 0 : at + 1;
    }
}

/* Count the rows of a table. Return what is wrong with it, or NULL: rows in order, no long spill, and no more terms
   than there are rows of weights. */
static inline const char *check_table(table *terms, size_t weight_rows)
{
    uint32_t next = 0, spill = 0;
    for (uint32_t at = 0; at < 2 * terms->count; at++) {
        const bucket *here = terms->buckets + at % terms->count;
        spill = here->first_and_mark & 1 ? spill + 1 : 0;
        if (spill > LONGEST_SPILL || spill >= terms->count) /* a search would go round for ever */
            return "too many full buckets in a row";
        if (at >= terms->count)
            continue;
        if (here->first_and_mark >> 1 != next)
            return "a bucket whose first row is not the next one";
        int used = 0;
        for (int slot = 0; slot < BUCKET_TERMS; slot++) {
            if (here->fingerprints[slot] == 0)
                continue;
            if (slot != used++)
                return "a gap inside a bucket";
        }
        next += (uint32_t)used;
        if (next > weight_rows)
            return "more terms than weights";
    }
    terms->rows = next;
    return NULL;
}

#endif
