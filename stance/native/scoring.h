/* From terms to probabilities; the twin of score_terms in stance/scoring.py. */

#ifndef STANCE_SCORING_H
#define STANCE_SCORING_H

#include <math.h>
#if defined(__x86_64__) && defined(__GNUC__) && !defined(_WIN32)
#define HAS_AVX2
#include <immintrin.h>
#endif

#include "terms.h"

#define MOST_CLASSES 256
#define MOST_ROWS 65536

typedef struct model model;

/* Adds up the weights of the known terms, into a sum a class that is 0 before. The sums are whole numbers. */
typedef void row_adder(const workspace *space, const model *given, double *sums);

struct model {
    vocabulary known;
    const int16_t *weights; /* rows x classes, in units of `unit` */
    float unit;
    const float *intercept;
    size_t classes, labels;
    uint8_t label_of[MOST_CLASSES]; /* of each class */
    uint8_t rank[MOST_CLASSES];     /* which class wins when two are equally likely: the higher one */
    int neutral;                    /* the label of a sentence without a known term, -1 for none */
    row_adder *add_rows;
};

typedef struct {
    uint16_t class; /* the likeliest one of the likeliest label */
    int64_t evidence;
} outcome;

static void add_rows(const workspace *space, const model *given, double *sums)
{
    for (size_t index = 0; index < space->rows.count; index++) {
        const int16_t *row = given->weights + (size_t)space->rows.items[index] * given->classes;
        for (size_t each = 0; each < given->classes; each++)
            sums[each] += row[each];
    }
}

#ifdef HAS_AVX2
/* The same for 16 classes, eight of them at a time, where the processor can. */
__attribute__((target("avx2"))) static void add_rows_avx2(const workspace *space, const model *given, double *sums)
{
    for (size_t index = 0; index < space->rows.count;) {
        size_t until = space->rows.count - index > MOST_ROWS ? index + MOST_ROWS : space->rows.count;
        __m256i low = _mm256_setzero_si256(), high = low;
        int32_t parts[16]; /* the sums of so many rows that they cannot overflow */
        for (; index < until; index++) {
            const int16_t *row = given->weights + (size_t)space->rows.items[index] * 16;
            low = _mm256_add_epi32(low, _mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)(const void *)row)));
            high =
                _mm256_add_epi32(high, _mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)(const void *)(row + 8))));
        }
        _mm256_storeu_si256((__m256i *)(void *)parts, low);
        _mm256_storeu_si256((__m256i *)(void *)(parts + 8), high);
        for (int each = 0; each < 16; each++)
            sums[each] += parts[each];
    }
}
#endif

static inline row_adder *choose_row_adder(size_t classes)
{
#ifdef HAS_AVX2
    if (classes == 16 && __builtin_cpu_supports("avx2"))
        return add_rows_avx2;
#endif
    (void)classes;
    return add_rows;
}

/* Return what the sums over so many known terms are multiplied by: their number to the power of -3/8. */
static inline double length_scale(size_t terms)
{
    double quarter = sqrt(sqrt((double)terms));
    return terms ? 1.0 / (quarter * sqrt(quarter)) : 0.0;
}

/* Score a text: fill `probabilities`, one a label. */
static inline outcome score_text(workspace *space, const model *given, text sentence, double *probabilities)
{
    double scores[MOST_CLASSES], total = 0.0;
    outcome result = {0, 0};
    find_terms(space, &given->known, sentence);
    if (space->out_of_memory)
        return result;
    for (size_t each = 0; each < given->classes; each++)
        scores[each] = 0.0;
    given->add_rows(space, given, scores);
    double scale = given->unit * length_scale(space->rows.count), highest = -HUGE_VAL;
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
    for (size_t each = 0; each < given->labels; each++) /* sums of rounded numbers can be a little more */
        probabilities[each] = probabilities[each] > 1.0 ? 1.0 : probabilities[each];
    result.evidence = (int64_t)space->rows.count;
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
