/* Which lexicon classes stand in a sentence, and what each word is to them.

   The words of all entries stand in one tree of UTF-8 bytes, kept as a double array: from node n, byte b leads to
   node base[n] + b if the check of that node is n. Phrases stand in a second tree whose edges are words. */

#ifndef STANCE_LEXICON_H
#define STANCE_LEXICON_H

#include <stdint.h>
#include <string.h>

#include "workspace.h"

#define DEEPEST_PHRASE 8
#define LONGEST_ELEMENT 512

typedef struct {
    int32_t base, check;
    int32_t exact; /* the element that is this word, 0 for none */
    int32_t stem;  /* the element that is this beginning of a word, 0 for none */
} node;

typedef struct {
    int32_t found; /* the class of the entry that ends here, -1 for none */
    int32_t first_edge, edges;
    int32_t unused;
} phrase;

typedef struct {
    int32_t element, phrase;
} edge;

/* What a lexicon class is; bits of lexicon_class.traits. */
enum { MASKED = 1, LIGHT = 2, FLIPPER = 4, PASSIVE_FLIPPER = 8 };

typedef struct {
    piece mark; /* <name> */
    word token; /* @name, for what a masked class stands on */
    int8_t valence;
    uint8_t traits;
} lexicon_class;

/* What a word that is an element may be or begin. */
typedef struct {
    uint64_t bit;           /* of the element, by its last six bits; no bit for element 0, which stands for none */
    uint64_t next_elements; /* the bits of the elements that may come next */
    int32_t alone;          /* the class of the entry that it is by itself, -1 for none */
} opening;

typedef struct {
    const node *nodes;
    const phrase *phrases; /* phrases[0] is the root */
    const edge *edges;
    const int32_t *roots; /* the phrase that begins with an element, 0 for none */
    opening *openings; /* of each element */
    const uint8_t *word_traits; /* of an element that is a word, see clauses.h */
    size_t node_count, phrase_count, edge_count, element_count, class_count;
    const lexicon_class *classes;
} lexicon;

static inline int32_t step(const lexicon *words, int32_t at, uint8_t byte)
{
    int32_t next = words->nodes[at].base + byte;
    return words->nodes[next].check == at ? next : -1;
}

/* Follow a character of a word; -1 when no entry goes on with it. */
static inline int32_t follow(const lexicon *words, int32_t at, uint32_t character)
{
    if (character < 0x80)
        return step(words, at, (uint8_t)character);
    uint8_t bytes[4];
    int count = 0;
    if (character < 0x800) {
        bytes[count++] = (uint8_t)(0xC0 | character >> 6);
    } else if (character < 0x10000) {
        bytes[count++] = (uint8_t)(0xE0 | character >> 12);
        bytes[count++] = (uint8_t)(0x80 | (character >> 6 & 0x3F));
    } else {
        bytes[count++] = (uint8_t)(0xF0 | character >> 18);
        bytes[count++] = (uint8_t)(0x80 | (character >> 12 & 0x3F));
        bytes[count++] = (uint8_t)(0x80 | (character >> 6 & 0x3F));
    }
    bytes[count++] = (uint8_t)(0x80 | (character & 0x3F));
    for (int each = 0; each < count && at >= 0; each++)
        at = step(words, at, bytes[each]);
    return at;
}

static inline int32_t next_phrase(const lexicon *words, int32_t at, int32_t element)
{
    const phrase *here = words->phrases + at;
    const edge *edges = words->edges + here->first_edge;
    for (int32_t each = 0; each < here->edges; each++)
        if (edges[each].element == element)
            return edges[each].phrase;
    return 0;
}

/* Tell whether the stems on the way to a node are too many for a word, or the way has no end. */
static inline int has_too_many_stems(const lexicon *words, int32_t at)
{
    int stems = 0;
    for (int steps = 0; at > 0; at = words->nodes[at].check, steps++) {
        stems += words->nodes[at].stem != 0;
        if (stems > MOST_STEMS || steps > LONGEST_ELEMENT)
            return 1;
    }
    return stems + (words->nodes[0].stem != 0) > MOST_STEMS;
}

static inline int below(int64_t value, size_t limit)
{
    return value >= 0 && (uint64_t)value < limit;
}

/* Return what is wrong with a lexicon, or NULL when no look-up can leave its arrays and phrases form a tree.
   `depths` has room for a byte a phrase. */
static inline const char *check_lexicon(const lexicon *words, uint8_t *depths)
{
    if (words->node_count == 0 || words->phrase_count == 0 || words->element_count == 0)
        return "an empty lexicon table";
    for (size_t each = 0; each < words->node_count; each++) {
        const node *here = words->nodes + each;
        if (!below((int64_t)here->base + 255, words->node_count) || here->base < 0)
            return "a node of the lexicon that leads outside";
        if (here->check < -1 || here->check >= (int64_t)words->node_count)
            return "a node of the lexicon behind an unknown one";
        if (!below(here->exact, words->element_count) || !below(here->stem, words->element_count))
            return "a node of the lexicon with an unknown element";
    }
    for (size_t each = 0; each < words->node_count; each++)
        if (words->nodes[each].stem && has_too_many_stems(words, (int32_t)each))
            return "a word of the lexicon with too many stems";
    memset(depths, 0, words->phrase_count);
    for (size_t each = 0; each < words->element_count; each++) {
        if (!below(words->roots[each], words->phrase_count))
            return "an element that begins an unknown phrase";
        if (words->roots[each] && depths[words->roots[each]]++)
            return "a phrase with two beginnings";
    }
    for (size_t at = 0; at < words->phrase_count; at++) {
        const phrase *here = words->phrases + at;
        if (here->found < -1 || here->found >= (int64_t)words->class_count)
            return "a phrase of an unknown class";
        if (here->edges < 0 || !below(here->first_edge, words->edge_count + 1) ||
            (size_t)here->edges > words->edge_count - (size_t)here->first_edge)
            return "a phrase with edges outside the table";
        for (int32_t each = 0; each < here->edges; each++) {
            int32_t next = words->edges[here->first_edge + each].phrase;
            if (!below(next, words->phrase_count) || (size_t)next <= at || depths[next])
                return "phrases that are not a tree";
            depths[next] = (uint8_t)(depths[at] + 1);
            if (depths[next] > DEEPEST_PHRASE)
                return "a phrase of too many words";
        }
    }
    return NULL;
}

static inline uint64_t element_bit(int32_t element)
{
    return element ? UINT64_C(1) << (element & 63) : 0;
}

/* Fill the openings of a lexicon that has been checked. */
static inline void note_openings(lexicon *words)
{
    for (size_t each = 0; each < words->element_count; each++) {
        opening *noted = words->openings + each;
        const phrase *root = words->phrases + words->roots[each];
        *noted = (opening){element_bit((int32_t)each), 0, -1};
        if (!words->roots[each])
            continue;
        noted->alone = root->found;
        for (int32_t next = 0; next < root->edges; next++)
            noted->next_elements |= element_bit(words->edges[root->first_edge + next].element);
    }
}

#endif
