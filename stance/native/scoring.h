/* From terms to probabilities; the twin of score_terms in stance/scoring.py. */

#ifndef STANCE_SCORING_H
#define STANCE_SCORING_H

#include <math.h>
#if defined(__GNUC__) && !defined(_WIN32) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define HAS_VECTORS
#endif

#include "terms.h"

#define MOST_CLASSES 256
#define MOST_ROWS 256 /* so many bytes have a sum of two bytes */

typedef struct model model;

/* Adds up the weights of the known terms, into a sum a class that is 0 before. The sums are whole numbers. */
typedef void row_adder(const workspace *space, const model *given, double *sums);

struct model {
    vocabulary known;
    const int8_t *weights; /* rows x classes, in units of `unit` */
    float unit;
    const float *intercept;
    size_t classes, labels;
    uint8_t label_of[MOST_CLASSES]; /* of each class */
    uint8_t face_of[MOST_CLASSES];  /* the first class that each is another face of, or itself */
    uint8_t rank[MOST_CLASSES];     /* which class wins when two are equally likely: the higher one */
    int only_class[MOST_CLASSES];   /* of each label, -1 when there are several */
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
        const int8_t *row = given->weights + (size_t)space->rows.items[index] * given->classes;
        for (size_t each = 0; each < given->classes; each++)
            sums[each] += row[each];
    }
}

#ifdef HAS_VECTORS
/* The same for as many classes as a vector has bytes. A pair of weights, each 128 higher so that none is negative, is a
   number of two bytes. Such numbers are added up, whatever overflows, and so are their higher bytes, which cannot
   overflow; from both follow the sums of the lower ones. */
#define ADD_ROWS(name, attribute, vector)                                                                              \
    attribute static void name(const workspace *space, const model *given, double *sums)                               \
    {                                                                                                                  \
        for (size_t index = 0; index < space->rows.count;) {                                                           \
            size_t start = index, left = space->rows.count - index;                                                    \
            size_t until = start + (left < MOST_ROWS ? left : MOST_ROWS);                                              \
            vector pairs, all = {0}, higher = {0};                                                                     \
            for (; index < until; index++) {                                                                           \
                memcpy(&pairs, given->weights + (size_t)space->rows.items[index] * sizeof pairs, sizeof pairs);        \
                pairs ^= 0x8080;                                                                                       \
                all += pairs;                                                                                          \
                higher += pairs >> 8;                                                                                  \
            }                                                                                                          \
            double added = 128.0 * (double)(until - start);                                                            \
            all -= higher << 8;                                                                                        \
            for (size_t each = 0; each < sizeof pairs / 2; each++) {                                                   \
                sums[2 * each] += all[each] - added;                                                                   \
                sums[2 * each + 1] += higher[each] - added;                                                            \
            }                                                                                                          \
        }                                                                                                              \
    }

typedef uint16_t half_line __attribute__((vector_size(32)));
typedef uint16_t quarter_line __attribute__((vector_size(16)));

ADD_ROWS(add_rows_of_16, , quarter_line)
ADD_ROWS(add_rows_of_32, , half_line)
#ifdef __x86_64__
ADD_ROWS(add_rows_of_32_avx2, __attribute__((target("avx2"))), half_line)
#endif
#endif

static inline row_adder *choose_row_adder(size_t classes)
{
#ifdef HAS_VECTORS
#ifdef __x86_64__
    if (classes == sizeof(half_line) && __builtin_cpu_supports("avx2"))
        return add_rows_of_32_avx2;
#endif
    if (classes == sizeof(half_line))
        return add_rows_of_32;
    if (classes == sizeof(quarter_line))
        return add_rows_of_16;
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

/* Return the largest of some numbers; four at a time, since each comparison waits for the one before. */
static inline double largest_of(const double *numbers, size_t count)
{
    double most[4] = {-HUGE_VAL, -HUGE_VAL, -HUGE_VAL, -HUGE_VAL};
    for (size_t each = 0; each < count; each += 4)
        for (size_t part = 0; part < 4 && each + part < count; part++)
            most[part] = numbers[each + part] > most[part] ? numbers[each + part] : most[part];
    for (int part = 1; part < 4; part++)
        most[0] = most[part] > most[0] ? most[part] : most[0];
    return most[0];
}

/* Return the likeliest class of a label, whose faces count together. */
static inline uint16_t likeliest_class(const model *given, size_t label, double *scores)
{
    if (given->only_class[label] >= 0)
        return (uint16_t)given->only_class[label];
    for (size_t each = 0; each < given->classes; each++)
        if (given->face_of[each] != each)
            scores[given->face_of[each]] += scores[each];
    int chosen = -1;
    for (size_t each = 0; each < given->classes; each++)
        if (given->label_of[each] == label && given->face_of[each] == each &&
            (chosen < 0 || scores[each] > scores[chosen] ||
             (scores[each] == scores[chosen] && given->rank[each] > given->rank[chosen])))
            chosen = (int)each;
    return (uint16_t)chosen;
}

/* Score a text: fill `probabilities`, one a label. */
static inline outcome score_text(workspace *space, const model *given, text sentence, double *probabilities)
{
    double scores[MOST_CLASSES];
    outcome result = {0, 0};
    find_terms(space, &given->known, sentence);
    if (space->out_of_memory)
        return result;
    for (size_t each = 0; each < given->classes; each++)
        scores[each] = 0.0;
    given->add_rows(space, given, scores);
    double scale = given->unit * length_scale(space->rows.count);
    for (size_t each = 0; each < given->classes; each++)
        scores[each] = scores[each] * scale + given->intercept[each];
    double highest = largest_of(scores, given->classes), total = 0.0;
    for (size_t each = 0; each < given->classes; each++)
        scores[each] = exp(scores[each] - highest);
    for (size_t each = 0; each < given->labels; each++)
        probabilities[each] = 0.0;
    for (size_t each = 0; each < given->classes; each++)
        probabilities[given->label_of[each]] += scores[each];
    for (size_t each = 0; each < given->labels; each++)
        total += probabilities[each];
    for (size_t each = 0; each < given->labels; each++)
        probabilities[each] /= total;
    result.evidence = (int64_t)space->rows.count;
    if (!result.evidence && given->neutral >= 0)
        for (size_t each = 0; each < given->labels; each++)
            probabilities[each] = (int)each == given->neutral;
    size_t best = 0;
    for (size_t each = 1; each < given->labels; each++)
        if (probabilities[each] > probabilities[best])
            best = each;
    result.class = likeliest_class(given, best, scores);
    return result;
}

#endif
