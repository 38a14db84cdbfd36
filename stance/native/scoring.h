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
#define FEW_TIMES 64

typedef struct model model;

/* Adds up value times weight over the known terms, into a sum a class that is 0 before, and forgets their counts;
   returns the sum of the squared values. */
typedef double row_adder(const workspace *space, const model *given, double *sums);

struct model {
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
    row_adder *add_rows;
};

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

/* Leave each known term once in space->known, with its count in space->counts. Whether a term has been met before
   cannot be guessed, so no branch asks. */
static inline void count_terms(workspace *space, const model *given)
{
    known_term *known = space->known.items;
    size_t kept = 0;
    for (size_t index = 0; index < space->known.count; index++) {
        known_term here = known[index];
        uint32_t before = space->counts[here.row]++;
        PREFETCH(given->weights + (size_t)here.row * given->classes);
        known[kept] = here;
        kept += before == 0;
    }
    space->known.count = kept;
}

/* Return the value of a known term, (1 + ln count) * idf, and forget its count. */
static ALWAYS_INLINE double take_value(const workspace *space, const model *given, known_term term)
{
    uint32_t count = space->counts[term.row];
    space->counts[term.row] = 0;
    return (count < FEW_TIMES ? given->weighed_counts[count] : 1.0 + log(count)) * term.idf;
}

/* Fill space->known and ->counts; return 0 when there is no memory. */
static inline int find_known(workspace *space, const model *given)
{
    size_t most = space->terms.count + 1;
    if (space->out_of_memory || !RESERVE(space, known, most))
        return 0;
    look_up_terms(space, given);
    count_terms(space, given);
    return 1;
}

static double add_rows(const workspace *space, const model *given, double *sums)
{
    double squares = 0.0;
    for (size_t index = 0; index < space->known.count; index++) {
        known_term term = space->known.items[index];
        const int16_t *row = given->weights + (size_t)term.row * given->classes;
        double value = take_value(space, given, term);
        squares += value * value;
        for (size_t each = 0; each < given->classes; each++)
            sums[each] += value * row[each];
    }
    return squares;
}

#ifdef HAS_AVX2
/* The same for 16 classes, four of them at a time, where the processor can. */
__attribute__((target("avx2,fma"))) static double add_rows_avx2(const workspace *space, const model *given,
                                                                double *sums)
{
    __m256d fours[4];
    double squares = 0.0;
    for (int four = 0; four < 4; four++)
        fours[four] = _mm256_setzero_pd();
    for (size_t index = 0; index < space->known.count; index++) {
        known_term term = space->known.items[index];
        const int16_t *row = given->weights + (size_t)term.row * 16;
        double value = take_value(space, given, term);
        __m256d times = _mm256_set1_pd(value);
        squares += value * value;
        for (int four = 0; four < 4; four++) {
            __m128i shorts = _mm_loadl_epi64((const __m128i *)(const void *)(row + 4 * four));
            fours[four] = _mm256_fmadd_pd(times, _mm256_cvtepi32_pd(_mm_cvtepi16_epi32(shorts)), fours[four]);
        }
    }
    for (int four = 0; four < 4; four++)
        _mm256_storeu_pd(sums + 4 * four, fours[four]);
    return squares;
}
#endif

static inline row_adder *choose_row_adder(size_t classes)
{
#ifdef HAS_AVX2
    if (classes == 16 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return add_rows_avx2;
#endif
    (void)classes;
    return add_rows;
}

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
    double squares = given->add_rows(space, given, scores);
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
