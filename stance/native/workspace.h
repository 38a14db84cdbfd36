/* What scoring a sentence needs. The arrays grow to the longest sentence met and are used again. */

#ifndef STANCE_WORKSPACE_H
#define STANCE_WORKSPACE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "portable.h"

enum { MAIN, SIDE, BEFORE, FLIPPED, CLAUSES };

#define MOST_STEMS 6
#define WORD_ROWS 4

/* A word, or a masked name of one or more words, and all about it that does not depend on its sentence. */
typedef struct {
    piece stem;                /* of LONG_PREFIX characters, or the word */
    int32_t exact;             /* the element of the lexicon that it is, 0 for none */
    int32_t stems[MOST_STEMS]; /* the elements that are beginnings of it, the shortest first */
    int32_t alone;             /* the class of the entry that it is by itself, -1 for none */
    uint8_t stem_count;
    uint8_t own_rows, main_rows; /* how many of `rows` it has in any clause, and in the main one */
    uint32_t rows[WORD_ROWS];    /* of its terms that the model knows, the last one for the main clause only */
    uint64_t elements;        /* a bit for each element that it is (by its last six bits) */
    uint64_t next_elements;   /* a bit for each element that may come next in an entry that begins with it */
    uint8_t traits; /* see clauses.h */
    uint8_t gap;    /* the break in front of it: 0, COMMA_GAP or STRONG_GAP */
} word;

#define TWO_LINES 128

/* A word that was met before, by its letters, in two cache lines. */
typedef union {
    struct {
        uint64_t key[2];
        word word;
    };
    char lines[TWO_LINES];
} remembered;

typedef char remembered_fits[sizeof(remembered) == TWO_LINES ? 1 : -1]; /* does not compile otherwise */

/* So many words are remembered at first, and twice as many after as many new ones, up to the most. */
#define FEWEST_REMEMBERED (1 << 10)
#define MOST_REMEMBERED (1 << 15)

/* A word whose letters have been read and that is to be recalled. */
typedef struct {
    uint64_t key[2];
    size_t index; /* among the words of the text */
    size_t start, count; /* where it begins, how long it is */
    remembered *place; /* in the memory */
    int digits;
} pending_word;

typedef struct {
    int32_t found; /* class */
    uint32_t first, end;
} match;

/* A lexicon class as the terms see it. */
typedef struct {
    piece mark;
    int32_t class;
    uint32_t first, end;
    int32_t flipper; /* class, -1 for none */
    int8_t valence, composed;
    uint8_t clause, act, light, in_main;
} found_class;

#define GROWING(type)                                                                                                  \
    struct {                                                                                                           \
        type *items;                                                                                                   \
        size_t count, room;                                                                                            \
    }

typedef struct {
    GROWING(uint32_t) decoded; /* characters of UTF-8 */
    GROWING(word) words;
    GROWING(pending_word) pending;
    GROWING(match) matches;
    GROWING(int32_t) candidates; /* phrases that may go on, two generations of them */
    GROWING(uint8_t) clauses;
    GROWING(int32_t) flippers;
    GROWING(found_class) classes;
    GROWING(const found_class *) chosen;
    GROWING(uint64_t) terms;   /* mixed hashes that are still to be looked up */
    GROWING(uint32_t) rows;    /* of the terms that the model knows, with repeats */
    remembered *memory;        /* from the start of a page: news repeats its words */
    size_t remembered;         /* how many words it has room for, a power of two */
    size_t written;            /* how many words it has taken since then */
    int out_of_memory;
} workspace;

static inline int grow(void **items, size_t *room, size_t size, size_t wanted)
{
    if (wanted <= *room)
        return 1;
    size_t larger = wanted + wanted / 2 + 64;
    void *moved = larger > SIZE_MAX / size ? NULL : realloc(*items, larger * size);
    if (moved == NULL)
        return 0;
    *items = moved;
    *room = larger;
    return 1;
}

/* Make room for `wanted` items; on failure mark the workspace and return 0. */
#define RESERVE(space, list, wanted)                                                                                   \
    (grow((void **)&(space)->list.items, &(space)->list.room, sizeof *(space)->list.items, (wanted))                   \
         ? 1                                                                                                           \
         : ((space)->out_of_memory = 1, 0))

/* Add an item; when there is no memory for it the workspace is marked and the item is left out. */
#define PUSH(space, list, ...)                                                                                         \
    do {                                                                                                               \
        if ((space)->list.count < (space)->list.room || RESERVE(space, list, (space)->list.count + 1))                 \
            (space)->list.items[(space)->list.count++] = (__VA_ARGS__);                                                \
    } while (0)

static inline void free_workspace(workspace *space);

/* Take memory for so many words, which are forgotten all; without it everything stays as it is, and 0 is returned. */
static inline int renew_memory(workspace *space, size_t words)
{
    remembered *memory = take_pages(words * sizeof *memory);
    space->written = 0;
    if (memory == NULL)
        return 0;
    return_pages(space->memory, space->remembered * sizeof *memory);
    space->memory = memory;
    space->remembered = words;
    return 1;
}

static inline workspace *new_workspace(void)
{
    workspace *space = calloc(1, sizeof *space);
    if (space == NULL)
        return NULL;
    if (renew_memory(space, FEWEST_REMEMBERED))
        return space;
    free_workspace(space);
    return NULL;
}

static inline void free_workspace(workspace *space)
{
    if (space == NULL)
        return;
    free(space->decoded.items);
    free(space->words.items);
    free(space->pending.items);
    return_pages(space->memory, space->remembered * sizeof *space->memory);
    free(space->matches.items);
    free(space->candidates.items);
    free(space->clauses.items);
    free(space->flippers.items);
    free(space->classes.items);
    free(space->chosen.items);
    free(space->terms.items);
    free(space->rows.items);
    free(space);
}

#endif
