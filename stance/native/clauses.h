/* Which words carry the news and which its background; the twin of stance/clauses.py. */

#ifndef STANCE_CLAUSES_H
#define STANCE_CLAUSES_H

#include "words.h"

#define LONGEST_OPENING 30

/* What a word is to the clauses; bits of word.traits. */
enum { CONTRAST = 1, OPENER = 2, RELATIVE = 4, SUBORDINATOR = 8, PASSIVE = 16 };

static inline size_t opening_length(const word *words, size_t count)
{
    if (count == 0 || !(words[0].traits & OPENER))
        return 0;
    for (size_t index = 1; index < count && index < LONGEST_OPENING; index++)
        if (words[index].gap)
            return words[index].gap == COMMA_GAP ? index : 0;
    return 0;
}

static inline void tag_clauses(workspace *space)
{
    const word *words = space->words.items;
    size_t count = space->words.count, contrast = 0;
    if (!RESERVE(space, clauses, count))
        return;
    uint8_t *clauses = space->clauses.items, current = MAIN;
    size_t opening = opening_length(words, count);
    int until_break = 0;
    if (opening)
        memset(clauses, SIDE, opening);
    for (size_t index = opening; index < count; index++) {
        uint8_t traits = words[index].traits;
        if (traits & CONTRAST && index > 2) {
            current = MAIN;
            until_break = 0;
            contrast = index;
        } else if (until_break && words[index].gap) {
            current = MAIN;
            until_break = 0;
        }
        if (index && traits & RELATIVE) {
            current = SIDE;
            until_break = words[index].gap == COMMA_GAP;
        } else if (index > 1 && traits & SUBORDINATOR) {
            current = SIDE;
            until_break = 0;
        }
        clauses[index] = current;
    }
    for (size_t index = 0; index < contrast; index++)
        if (clauses[index] == MAIN)
            clauses[index] = BEFORE;
}

#endif
