/* Finds the lexicon classes of a sentence, masks names and composes; the twin of Lexicon.find in stance/lexicon.py,
   TermExtractor._mask in stance/terms.py and stance/composition.py. */

#ifndef STANCE_CLASSES_H
#define STANCE_CLASSES_H

#include "clauses.h"

#define FLIP_SCOPE 6

/* Add a phrase to those that may go on. */
static inline void add_candidate(workspace *space, int32_t next)
{
    if (next)
        PUSH(space, candidates, next);
}

/* Try the elements that a word fits, the most specific first, on each phrase in `from`; add those that go on. */
static inline void go_on(workspace *space, const lexicon *words, const word *here, size_t from, size_t until)
{
    for (size_t each = from; each < until; each++) {
        int32_t at = space->candidates.items[each];
        if (words->phrases[at].edges == 0)
            continue;
        if (here->exact)
            add_candidate(space, next_phrase(words, at, here->exact));
        for (int stem = here->stem_count; stem-- > 0;)
            add_candidate(space, next_phrase(words, at, here->stems[stem]));
    }
}

static inline void begin(workspace *space, const lexicon *words, const word *here)
{
    space->candidates.count = 0;
    add_candidate(space, words->roots[here->exact]);
    for (int stem = here->stem_count; stem-- > 0;)
        add_candidate(space, words->roots[here->stems[stem]]);
}

/* Return the class of the longest entry at `start`, -1 for none, and its end. */
static inline int32_t longest_entry(workspace *space, const lexicon *words, size_t start, size_t *end)
{
    const word *all = space->words.items;
    int32_t found = -1;
    size_t from = 0, at = start + 1;
    *end = start + 1;
    begin(space, words, all + start);
    for (;;) {
        size_t until = space->candidates.count;
        for (size_t each = from; each < until; each++) {
            int32_t named = words->phrases[space->candidates.items[each]].found;
            if (named >= 0) {
                found = named;
                *end = at;
                break;
            }
        }
        if (from == until || at == space->words.count)
            return found;
        go_on(space, words, all + at++, from, until);
        from = until;
    }
}

static inline void find_classes(workspace *space, const lexicon *words)
{
    space->matches.count = 0;
    if (!RESERVE(space, matches, space->words.count + 1))
        return;
    for (size_t start = 0, end; start < space->words.count; start = end) {
        const word *here = space->words.items + start;
        end = start + 1;
        int32_t found = here->alone;
        if (end < space->words.count && here->next_elements & here[1].elements)
            found = longest_entry(space, words, start, &end);
        space->matches.items[space->matches.count] = (match){found, (uint32_t)start, (uint32_t)end};
        space->matches.count += found >= 0;
    }
}

/* Move the words from `at` to `end` behind the `kept` first ones; return how many are kept then. */
static inline size_t keep_words(word *all, size_t kept, size_t at, size_t end)
{
    if (kept != at)
        memmove(all + kept, all + at, (end - at) * sizeof *all);
    return kept + (end - at);
}

/* Put the words of each masked name together into one. */
static inline void mask_names(workspace *space, const lexicon *words)
{
    word *all = space->words.items;
    size_t kept = 0, at = 0, masked = 0;
    for (size_t each = 0; each < space->matches.count; each++)
        masked += words->classes[space->matches.items[each].found].traits & MASKED;
    if (!masked)
        return;
    for (size_t each = 0; each < space->matches.count; each++) {
        match *here = space->matches.items + each;
        const lexicon_class *named = words->classes + here->found;
        size_t end = here->end;
        kept = keep_words(all, kept, at, here->first);
        at = here->first;
        here->first = (uint32_t)kept;
        if (named->traits & MASKED) {
            uint8_t gap = all[at].gap;
            all[kept] = named->token;
            all[kept++].gap = gap;
        } else {
            kept = keep_words(all, kept, at, end);
        }
        at = end;
        here->end = (uint32_t)kept;
    }
    space->words.count = keep_words(all, kept, at, space->words.count);
}

/* Note for each word the class of the last flipper in whose scope it stands. */
static inline void find_flippers(workspace *space, const lexicon *words)
{
    const word *all = space->words.items;
    const uint8_t *clauses = space->clauses.items;
    size_t count = space->words.count;
    if (!RESERVE(space, flippers, count))
        return;
    int32_t *governed = space->flippers.items;
    for (size_t index = 0; index < count; index++)
        governed[index] = -1;
    for (size_t each = 0; each < space->matches.count; each++) {
        const match *here = space->matches.items + each;
        uint8_t traits = words->classes[here->found].traits, clause = clauses[here->first];
        if (!(traits & FLIPPER))
            continue;
        if (here->first > 0 && all[here->first - 1].traits & PASSIVE && traits & PASSIVE_FLIPPER) {
            size_t last = here->first > FLIP_SCOPE ? here->first - FLIP_SCOPE : 0;
            for (size_t index = here->first; index-- > last;) {
                if (all[index + 1].gap || clauses[index] != clause)
                    break;
                governed[index] = here->found;
            }
        } else {
            for (size_t index = here->end; index < count && index < (size_t)here->end + FLIP_SCOPE; index++) {
                if (all[index].gap || clauses[index] != clause)
                    break;
                governed[index] = here->found;
            }
        }
    }
}

static inline void compose(workspace *space, const lexicon *words)
{
    find_flippers(space, words);
    if (space->out_of_memory)
        return;
    uint8_t *clauses = space->clauses.items;
    const int32_t *governed = space->flippers.items;
    for (size_t index = 0; index < space->words.count; index++)
        if (governed[index] >= 0 && clauses[index] == MAIN)
            clauses[index] = FLIPPED;
    space->classes.count = 0;
    for (size_t each = 0; each < space->matches.count; each++) {
        const match *here = space->matches.items + each;
        const lexicon_class *named = words->classes + here->found;
        int32_t flipper = governed[here->first];
        uint8_t clause = clauses[here->first];
        found_class found = {
            .mark = named->mark,
            .class = here->found,
            .first = here->first,
            .end = here->end,
            .flipper = flipper,
            .valence = named->valence,
            .composed = (int8_t)(flipper < 0 ? named->valence : -named->valence),
            .clause = clause,
            .act = named->valence != 0 || named->traits & FLIPPER,
            .light = (named->traits & LIGHT) != 0,
            .in_main = clause == MAIN || clause == FLIPPED,
        };
        PUSH(space, classes, found);
    }
}

#endif
