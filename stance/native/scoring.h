/* From terms to probabilities; the twin of score_terms in stance/scoring.py. */

#ifndef STANCE_SCORING_H
#define STANCE_SCORING_H

#include <math.h>

#include "terms.h"

#define MOST_CLASSES 256
#define FEW_TIMES 64

/* Four of eight signed 16-bit numbers, as 32-bit ones. */
#define WIDEN(half, eight) _mm_srai_epi32(_mm_unpack##half##_epi16(eight, eight), 16)

typedef struct {
    lexicon words;
    table terms;
    names all;
    const int16_t *weights; /* rows x classes, in units of `unit` */
    float unit;
    const float *intercept;
    size_t classes, labels;
    uint8_t label_of[MOST_CLASSES]; /* of each class */
    uint8_t rank[MOST_CLASSES];     /* which class wins when two are equally likely: the higher one */
    double weighed_counts[FEW_TIMES]; /* 1 + ln(count) */
    int neutral;                    /* the label of a sentence without a known term, -1 for none */
} model;

typedef struct {
    uint16_t class; /* the likeliest one of the likeliest label */
    int64_t evidence;
} outcome;

static inline void weigh_counts(model *given)
{
    given->weighed_counts[0] = 0.0;
    for (int count = 1; count < FEW_TIMES; count++)
        given->weighed_counts[count] = 1.0 + log(count);
}

/* Look the terms up, so that space->known has all that the model knows. */
static inline void look_up_terms(workspace *space, const model *given)
{
    known_term *known = space->known.items;
    for (size_t index = 0; index < space->terms.count; index++)
        known += find_term(&given->terms, space->terms.items[index], known);
    space->known.count = (size_t)(known - space->known.items);
}

/* Leave each known term once in space->known, with its value: (1 + ln count) * idf. */
static inline void weigh_terms(workspace *space, const model *given)
{
    known_term *known = space->known.items;
    uint32_t *counts = space->counts.items, *seen = space->seen.items, kept = 0, repeated = 0;
    double *values = space->values.items;
    uint32_t mask = room_of_seen(space->known.count) - 1;
    memset(seen, 0, ((size_t)mask + 1) * sizeof *seen);
    for (size_t index = 0; index < space->known.count; index++) {
        known_term here = known[index];
        uint32_t at = here.row & mask;
        while (seen[at] && known[seen[at] - 1].row != here.row)
            at = (at + 1) & mask;
        if (seen[at]) {
            repeated += counts[seen[at] - 1]++ == 1;
            continue;
        }
        PREFETCH(given->weights + (size_t)here.row * given->classes);
        known[kept] = here;
        values[kept] = here.idf;
        counts[kept++] = 1;
        seen[at] = kept;
    }
    for (uint32_t index = 0; repeated; index++) {
        if (counts[index] == 1)
            continue;
        double times = counts[index] < FEW_TIMES ? given->weighed_counts[counts[index]] : 1.0 + log(counts[index]);
        values[index] = times * known[index].idf;
        repeated--;
    }
    space->known.count = kept;
}

/* Fill space->known, ->counts and ->values; return 0 when there is no memory. */
static inline int find_known(workspace *space, const model *given)
{
    size_t most = space->terms.count;
    if (space->out_of_memory || !RESERVE(space, known, most + 1) || !RESERVE(space, counts, most + 1) ||
        !RESERVE(space, values, most + 1) || !RESERVE(space, seen, room_of_seen(most)))
        return 0;
    look_up_terms(space, given);
    weigh_terms(space, given);
    return 1;
}

/* Add up value times weight over the known terms; return the sum of the squared values. */
static inline double add_rows(const workspace *space, const model *given, double *sums)
{
    double squares = 0.0;
    for (size_t index = 0; index < space->known.count; index++) {
        const int16_t *row = given->weights + (size_t)space->known.items[index].row * given->classes;
        double value = space->values.items[index];
        squares += value * value;
        for (size_t each = 0; each < given->classes; each++)
            sums[each] += value * row[each];
    }
    return squares;
}

#ifdef __SSE2__
/* The same for 16 classes, two of them at a time. */
static inline double add_rows_16(const workspace *space, const model *given, double *sums)
{
    __m128d pairs[8];
    double squares = 0.0;
    for (int each = 0; each < 8; each++)
        pairs[each] = _mm_setzero_pd();
    for (size_t index = 0; index < space->known.count; index++) {
        const __m128i *row = (const __m128i *)(const void *)(given->weights + (size_t)space->known.items[index].row * 16);
        __m128d times = _mm_set1_pd(space->values.items[index]);
        squares += space->values.items[index] * space->values.items[index];
        for (int half = 0; half < 2; half++) {
            __m128i eight = _mm_loadu_si128(row + half), low = WIDEN(lo, eight), high = WIDEN(hi, eight);
            const __m128i twos[4] = {low, _mm_unpackhi_epi64(low, low), high, _mm_unpackhi_epi64(high, high)};
            for (int two = 0; two < 4; two++)
                pairs[4 * half + two] =
                    _mm_add_pd(pairs[4 * half + two], _mm_mul_pd(times, _mm_cvtepi32_pd(twos[two])));
        }
    }
    for (int each = 0; each < 8; each++)
        _mm_storeu_pd(sums + 2 * each, pairs[each]);
    return squares;
}
#else
#define add_rows_16 add_rows
#endif

/* Score a text: fill `probabilities`, one a label. */
static inline outcome score_text(workspace *space, const model *given, text sentence, double *probabilities)
{
    double scores[MOST_CLASSES], total = 0.0;
    outcome result = {0, 0};
    extract_terms(space, &given->words, &given->terms, &given->all, sentence);
    if (!find_known(space, given))
        return result;
    for (size_t each = 0; each < given->classes; each++)
        scores[each] = 0.0;
    double squares = given->classes == 16 ? add_rows_16(space, given, scores) : add_rows(space, given, scores);
    double scale = squares > 0.0 ? given->unit / sqrt(squares) : 0.0, highest = -HUGE_VAL;
    for (size_t each = 0; each < given->classes; each++) {
        scores[each] = scores[each] * scale + given->intercept[each];
        highest = scores[each] > highest ? scores[each] : highest;
    }
    for (size_t each = 0; each < given->classes; each++)
        total += scores[each] = exp(scores[each] - highest);
    for (size_t each = 0; each < given->labels; each++)
        probabilities[each] = 0.0;
    for (size_t each = 0; each < given->classes; each++)
        probabilities[given->label_of[each]] += scores[each] /= total;
    result.evidence = (int64_t)space->known.count;
    if (!result.evidence && given->neutral >= 0)
        for (size_t each = 0; each < given->labels; each++)
            probabilities[each] = (int)each == given->neutral;
    size_t best = 0;
    for (size_t each = 1; each < given->labels; each++)
        if (probabilities[each] > probabilities[best])
            best = each;
    int chosen = -1;
    for (size_t each = 0; each < given->classes; each++)
        if (given->label_of[each] == best &&
            (chosen < 0 || scores[each] > scores[chosen] ||
             (scores[each] == scores[chosen] && given->rank[each] > given->rank[chosen])))
            chosen = (int)each;
    result.class = (uint16_t)chosen;
    return result;
}

#endif
