/* From a text to the rows of its terms that the model knows; the twin of TermExtractor.extract in stance/terms.py, whose
   docstring says what the terms are. */

#ifndef STANCE_TERMS_H
#define STANCE_TERMS_H

#include "classes.h"

#define CLASS_WINDOW 6
#define FIRST_CLASSES 3

#define MOST_WORD_TERMS 2
#define MOST_CLASS_TERMS (2 + 2 + 1)
#define MOST_CLASS_ROWS (2 + CLASS_WINDOW + 1)
#define MOST_OTHER_TERMS (2 * FIRST_CLASSES + 2 * FIRST_CLASSES + 8)

#define NO_ROW UINT32_MAX

/* Where the rows of a class stand among its own: the class, it in each clause, and in front of each class. */
#define ROW_IN_CLAUSE 1
#define ROW_BEFORE (ROW_IN_CLAUSE + CLAUSES)

/* How many terms made of classes only begin with a class; the last ones are of two neighbours in the main clause. */
static inline size_t rows_a_class(const lexicon *words)
{
    return ROW_BEFORE + 2 * words->class_count;
}

static inline uint32_t row_of(const table *terms, uint64_t hash)
{
    uint32_t row;
    return find_term(terms, mix(hash), &row) ? row : NO_ROW;
}

/* Fill known->class_rows. */
static inline void find_class_rows(vocabulary *known)
{
    const table *terms = &known->terms;
    size_t count = known->words.class_count;
    for (size_t one = 0; one < count; one++) {
        uint32_t *rows = known->class_rows + one * rows_a_class(&known->words);
        piece mark = known->words.classes[one].mark;
        rows[0] = row_of(terms, mark.hash);
        for (int clause = 0; clause < CLAUSES; clause++)
            rows[ROW_IN_CLAUSE + clause] = row_of(terms, add_piece(known->names.clause[clause], mark));
        for (size_t next = 0; next < count; next++) {
            piece other = known->words.classes[next].mark;
            uint64_t neighbours = add_piece(known->names.clause[MAIN], mark);
            rows[ROW_BEFORE + next] = row_of(terms, add_spaced(mark.hash, other));
            rows[ROW_BEFORE + count + next] = row_of(terms, add_spaced(neighbours, other));
        }
    }
}

/* Add a row, for which there is room, unless it is none. */
static inline void add_row(workspace *space, uint32_t row)
{
    space->rows.items[space->rows.count] = row;
    space->rows.count += row != NO_ROW;
}

/* Add a term, for which there is room. */
static inline void add_term(workspace *space, const table *terms, uint64_t hash)
{
    uint64_t mixed = mix(hash);
    PREFETCH(terms->buckets + home_bucket(terms, mixed));
    space->terms.items[space->terms.count++] = mixed;
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
        uint8_t clause = space->clauses.items[index];
        memcpy(space->rows.items + space->rows.count, here->rows, sizeof here->rows);
        space->rows.count += clause == MAIN ? here->main_rows : here->own_rows;
        if (clause != MAIN)
            add_term(space, terms, add_piece(all->clause[clause], here->stem));
        if (index)
            add_term(space, terms, add_spaced(here[-1].stem.hash, here->stem));
    }
}

static inline void class_terms(workspace *space, const vocabulary *known)
{
    const table *terms = &known->terms;
    const word *words = space->words.items;
    const found_class *classes = space->classes.items;
    for (size_t position = 0; position < space->classes.count; position++) {
        const found_class *here = classes + position;
        const uint32_t *rows = known->class_rows + (size_t)here->class * rows_a_class(&known->words);
        add_row(space, rows[0]);
        add_row(space, rows[ROW_IN_CLAUSE + here->clause]);
        if (here->end < space->words.count)
            add_term(space, terms, add_spaced(here->mark.hash, words[here->end].stem));
        if (here->first)
            add_term(space, terms, add_spaced(words[here->first - 1].stem.hash, here->mark));
        for (size_t index = position + 1; index < space->classes.count; index++) {
            if (classes[index].first - here->end >= CLASS_WINDOW)
                break;
            add_row(space, rows[ROW_BEFORE + classes[index].class]);
        }
    }
}

/* Each two neighbours among the classes of the main clause. */
static inline void neighbour_terms(workspace *space, const vocabulary *known)
{
    size_t count = known->words.class_count;
    for (size_t index = 0; index + 1 < space->chosen.count; index++) {
        size_t one = (size_t)space->chosen.items[index]->class, next = (size_t)space->chosen.items[index + 1]->class;
        add_row(space, known->class_rows[one * rows_a_class(&known->words) + ROW_BEFORE + count + next]);
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

/* The first one to FIRST_CLASSES of the chosen classes. */
static inline void first_terms(workspace *space, const table *terms, uint64_t first)
{
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
    first_terms(space, terms, all->acts);
    for (size_t index = 0; index + 1 < space->chosen.count; index++) {
        uint64_t one = add_piece(all->then, space->chosen.items[index]->mark);
        add_term(space, terms, add_spaced(one, space->chosen.items[index + 1]->mark));
    }
    int64_t total = 0;
    for (size_t index = 0; index < space->chosen.count; index++)
        total += space->chosen.items[index]->composed;
    total = total < -MOST_SUM ? -MOST_SUM : total > MOST_SUM ? MOST_SUM : total;
    add_term(space, terms, all->sums[total + MOST_SUM]);
    first_act_terms(space, terms, all, space->chosen.items[0]);
}

/* Look the terms up and add their rows. */
static inline void look_up_terms(workspace *space, const table *terms)
{
    uint32_t *rows = space->rows.items + space->rows.count;
    for (size_t index = 0; index < space->terms.count; index++) {
        int known = find_term(terms, space->terms.items[index], rows);
        PREFETCH(terms->weights + *rows * terms->row_size);
        rows += known;
    }
    space->rows.count = (size_t)(rows - space->rows.items);
}

/* Fill space->rows; when there is no memory for them, there are none. */
static inline void find_terms(workspace *space, const vocabulary *known, text given)
{
    const lexicon *words = &known->words;
    const table *terms = &known->terms;
    const names *all = &known->names;
    space->terms.count = space->rows.count = 0;
    split_words(space, known, given);
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
                                   MOST_OTHER_TERMS) ||
        !RESERVE(space, rows, space->terms.room + WORD_ROWS * (space->words.count + 1) +
                                  MOST_CLASS_ROWS * space->classes.count + 1))
        return;
    word_terms(space, terms, all);
    class_terms(space, known);
    CHOOSE(space, 1);
    first_terms(space, terms, all->first);
    neighbour_terms(space, known);
    valence_terms(space, words, terms, all);
    act_terms(space, terms, all);
    look_up_terms(space, terms);
}

#endif
