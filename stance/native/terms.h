/* From a text to the mixed hashes of its terms; the twin of TermExtractor.extract in stance/terms.py, whose docstring
   says what the terms are. */

#ifndef STANCE_TERMS_H
#define STANCE_TERMS_H

#include "classes.h"
#include "names.h"
#include "table.h"

#define CLASS_WINDOW 6
#define FIRST_CLASSES 3

#define MOST_WORD_TERMS 5
#define MOST_CLASS_TERMS (4 + CLASS_WINDOW + 1 + 2 + 1)
#define MOST_OTHER_TERMS (2 * FIRST_CLASSES + 2 * FIRST_CLASSES + 8)

/* Add a term, for which there is room. */
static inline void add_term(workspace *space, const table *terms, uint64_t hash)
{
    uint64_t mixed = mix(hash);
    PREFETCH(terms->buckets + home_bucket(terms, mixed));
    space->terms.items[space->terms.count++] = mixed;
}

/* Add a term if a condition holds, without a branch: the condition is one that cannot be guessed. */
static inline void add_term_if(workspace *space, const table *terms, uint64_t hash, uint8_t condition)
{
    add_term(space, terms, hash);
    space->terms.count -= 1u - condition;
}

static inline uint64_t add_sign(uint64_t hash, int valence)
{
    return add_character(hash, (uint8_t)"-0+"[valence + 1]);
}

static inline void word_terms(workspace *space, const table *terms, const names *all)
{
    const word *words = space->words.items;
    for (size_t index = 0; index < space->words.count; index++) {
        const word *here = words + index;
        add_term(space, terms, here->hash);
        add_term(space, terms, add_piece(all->clause[space->clauses.items[index]], here->stem));
        add_term_if(space, terms, here->prefix, here->has_prefix);
        add_term_if(space, terms, here->stem.hash, here->has_stem);
        if (index)
            add_term(space, terms, add_spaced(here[-1].stem.hash, here->stem));
    }
}

static inline void class_terms(workspace *space, const table *terms, const names *all)
{
    const word *words = space->words.items;
    const found_class *classes = space->classes.items;
    for (size_t position = 0; position < space->classes.count; position++) {
        const found_class *here = classes + position;
        add_term(space, terms, here->mark.hash);
        add_term(space, terms, add_piece(all->clause[here->clause], here->mark));
        if (here->end < space->words.count)
            add_term(space, terms, add_spaced(here->mark.hash, words[here->end].stem));
        if (here->first)
            add_term(space, terms, add_spaced(words[here->first - 1].stem.hash, here->mark));
        for (size_t index = position + 1; index < space->classes.count; index++) {
            if (classes[index].first - here->end >= CLASS_WINDOW)
                break;
            add_term(space, terms, add_spaced(here->mark.hash, classes[index].mark));
        }
    }
}

/* Gather the classes of the main clause that a condition holds for, in space->chosen. */
#define CHOOSE(space, condition)                                                                                       \
    do {                                                                                                               \
        (space)->chosen.count = 0;                                                                                     \
        for (const found_class *each = (space)->classes.items, *end = each + (space)->classes.count; each < end;       \
             each++)                                                                                                   \
            (space)->chosen.items[(space)->chosen.count] = each, (space)->chosen.count += each->in_main & (condition);                                                                          \
    } while (0)

/* The first one to FIRST_CLASSES of the chosen classes, and each two neighbours. */
static inline void sequence_terms(workspace *space, const table *terms, uint64_t first, uint64_t pair)
{
    for (size_t index = 0; index + 1 < space->chosen.count; index++) {
        uint64_t one = add_piece(pair, space->chosen.items[index]->mark);
        add_term(space, terms, add_spaced(one, space->chosen.items[index + 1]->mark));
    }
    for (size_t index = 0; index < FIRST_CLASSES && index < space->chosen.count; index++) {
        if (index)
            first = add_character(first, ' ');
        first = add_piece(first, space->chosen.items[index]->mark);
        add_term(space, terms, first);
    }
}

static inline void valence_terms(workspace *space, const lexicon *words, const table *terms, const names *all)
{
    for (size_t index = 0; index < space->classes.count; index++) {
        const found_class *here = space->classes.items + index;
        if (!here->valence)
            continue;
        uint64_t clause = all->clause[here->clause], flipped = clause;
        if (here->flipper >= 0)
            flipped = add_character(add_piece(clause, words->classes[here->flipper].mark), ' ');
        add_term(space, terms, add_sign(flipped, here->valence));
        add_term(space, terms, add_sign(add_character(clause, '='), here->composed));
    }
    CHOOSE(space, (each->valence != 0));
    uint64_t signs = all->first_signs;
    for (size_t index = 0; index < FIRST_CLASSES && index < space->chosen.count; index++) {
        signs = add_sign(signs, space->chosen.items[index]->composed);
        add_term(space, terms, signs);
    }
    if (space->chosen.count)
        add_term(space, terms, add_sign(all->last_sign, space->chosen.items[space->chosen.count - 1]->composed));
}

/* What the first act does, between the classes before and behind it. */
static inline void first_act_terms(workspace *space, const table *terms, const names *all, const found_class *act)
{
    add_term(space, terms, add_piece(all->act, space->words.items[act->first].stem));
    CHOOSE(space, (each->light == 0));
    const found_class **others = space->chosen.items;
    size_t count = space->chosen.count, at = 0;
    while (at < count && others[at]->first < act->first)
        at++;
    if (at)
        add_term(space, terms, add_spaced(add_piece(all->subject, others[at - 1]->mark), act->mark));
    if (at + 1 < count)
        add_term(space, terms, add_spaced(add_piece(all->object, act->mark), others[at + 1]->mark));
    for (size_t index = 0; index < space->classes.count; index++) {
        const found_class *aside = space->classes.items + index;
        if (!aside->valence || aside->in_main)
            continue;
        add_term(space, terms, add_sign(add_piece(add_sign(0, act->composed), all->beside), aside->composed));
        return;
    }
}

static inline void act_terms(workspace *space, const table *terms, const names *all)
{
    CHOOSE(space, each->act);
    if (space->chosen.count == 0) {
        CHOOSE(space, 1);
        if (space->chosen.count)
            add_term(space, terms, all->no_acts);
        return;
    }
    sequence_terms(space, terms, all->acts, all->then);
    int64_t total = 0;
    for (size_t index = 0; index < space->chosen.count; index++)
        total += space->chosen.items[index]->composed;
    total = total < -MOST_SUM ? -MOST_SUM : total > MOST_SUM ? MOST_SUM : total;
    add_term(space, terms, all->sums[total + MOST_SUM]);
    first_act_terms(space, terms, all, space->chosen.items[0]);
}

/* Fill space->terms. */
static inline void extract_terms(workspace *space, const lexicon *words, const table *terms, const names *all,
                                 text given)
{
    space->terms.count = 0;
    split_words(space, words, given);
    if (!space->out_of_memory)
        find_classes(space, words);
    if (!space->out_of_memory) {
        mask_names(space, words);
        tag_clauses(space);
    }
    if (!space->out_of_memory)
        compose(space, words);
    if (space->out_of_memory ||
        !RESERVE(space, chosen, space->classes.count + 1) ||
        !RESERVE(space, terms, MOST_WORD_TERMS * space->words.count + MOST_CLASS_TERMS * space->classes.count +
                                   MOST_OTHER_TERMS))
        return;
    word_terms(space, terms, all);
    class_terms(space, terms, all);
    CHOOSE(space, 1);
    sequence_terms(space, terms, all->first, all->clause[MAIN]);
    valence_terms(space, words, terms, all);
    act_terms(space, terms, all);
}

#endif
