/* The pieces of the names of terms that are the same in every sentence. */

#ifndef STANCE_NAMES_H
#define STANCE_NAMES_H

#include "workspace.h"

#define MOST_SUM 3

typedef struct {
    uint64_t clause[CLAUSES]; /* "main:", "side:" ... */
    uint64_t first, last_sign, first_signs, acts, then, act, subject, object, no_acts;
    uint64_t sums[2 * MOST_SUM + 1];
    piece beside;
} names;

static inline void name_pieces(names *all)
{
    static const char *const clauses[CLAUSES] = {"main:", "side:", "before:", "flip:"};
    char sum[] = "sum:+0";
    for (int each = 0; each < CLAUSES; each++)
        all->clause[each] = piece_of(clauses[each]).hash;
    for (int each = -MOST_SUM; each <= MOST_SUM; each++) {
        sum[4] = each < 0 ? '-' : '+';
        sum[5] = (char)('0' + (each < 0 ? -each : each));
        all->sums[each + MOST_SUM] = piece_of(sum).hash;
    }
    all->first = piece_of("first:").hash;
    all->first_signs = piece_of("first:=").hash;
    all->last_sign = piece_of("last:=").hash;
    all->acts = piece_of("acts:").hash;
    all->no_acts = piece_of("acts:none").hash;
    all->then = piece_of("then:").hash;
    all->act = piece_of("act:").hash;
    all->subject = piece_of("subject:").hash;
    all->object = piece_of("object:").hash;
    all->beside = piece_of(" beside ");
}

#endif
