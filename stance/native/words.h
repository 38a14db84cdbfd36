/* Splits a text into words; the twin of split_words in stance/terms.py. */

#ifndef STANCE_WORDS_H
#define STANCE_WORDS_H

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "lexicon.h"
#include "names.h"
#include "portable.h"
#include "table.h"
#include "text.h"
#include "workspace.h"

#define SHORT_PREFIX 4
#define LONG_PREFIX 6

/* What a model knows of words. */
typedef struct {
    lexicon words;
    table terms;
    names names;
    uint32_t *class_rows; /* of the terms made of classes only: see find_class_rows in terms.h */
} vocabulary;

enum { NO_GAP = 0, COMMA_GAP = 1, STRONG_GAP = 2 };

/* The text between two words, as far as it matters: what has been seen, and the last two characters. */
typedef struct {
    uint8_t gap;
    uint8_t last, before; /* 'x', '-' or ' ' */
} gap_state;

static inline void add_to_gap(gap_state *state, uint32_t character, int flags)
{
    uint8_t kind = character == '-' ? '-' : flags & CHARACTER_SPACE ? ' ' : 'x';
    if (flags & CHARACTER_STRONG || (state->last == '-' && (kind == '-' || (kind == ' ' && state->before == ' '))))
        state->gap = STRONG_GAP;
    else if (flags & CHARACTER_COMMA && state->gap == NO_GAP)
        state->gap = COMMA_GAP;
    state->before = state->last;
    state->last = kind;
}

/* A word that is being read. */
typedef struct {
    uint64_t hash;
    uint64_t hashes[LONG_PREFIX + 2]; /* of its beginnings, the last place for all that are longer */
    uint32_t length, last;
    int32_t at; /* node of the lexicon, -1 off its tree */
    int32_t stems[MOST_STEMS];
    uint32_t stem_count;
} word_state;

static inline void add_stem(word_state *state, int32_t stem)
{
    if (stem && state->stem_count < MOST_STEMS) /* more there are not: see check_lexicon */
        state->stems[state->stem_count++] = stem;
}

static inline void begin_word(const lexicon *words, word_state *state)
{
    state->hash = state->hashes[SHORT_PREFIX] = state->hashes[LONG_PREFIX] = 0;
    state->length = state->last = state->stem_count = 0;
    state->at = 0;
    add_stem(state, words->nodes[0].stem);
}

static ALWAYS_INLINE void add_to_word(const lexicon *words, word_state *state, uint32_t character)
{
    state->hash = add_character(state->hash, character);
    state->length++;
    state->hashes[state->length <= LONG_PREFIX ? state->length : LONG_PREFIX + 1] = state->hash;
    state->last = character;
    if (state->at >= 0 && (state->at = follow(words, state->at, character)) >= 0)
        add_stem(state, words->nodes[state->at].stem);
}

/* Note which entries of the lexicon a word is or may begin. */
static inline void look_up_entries(const lexicon *words, word *ended)
{
    ended->alone = -1;
    ended->elements = ended->next_elements = 0;
    for (int each = -1; each < ended->stem_count; each++) {
        int32_t element = each < 0 ? ended->exact : ended->stems[ended->stem_count - 1 - each];
        const opening *here = words->openings + element;
        ended->elements |= here->bit;
        ended->next_elements |= here->next_elements;
        ended->alone = ended->alone < 0 ? here->alone : ended->alone;
    }
}

/* Note the rows of the terms that a word has by itself: it, its beginnings, and its stem in the main clause. */
static inline void find_rows(const vocabulary *known, word *ended, uint64_t hash, size_t length, uint64_t prefix)
{
    const table *terms = &known->terms;
    uint32_t *rows = ended->rows;
    uint8_t found = (uint8_t)find_term(terms, mix(hash), rows);
    if (length > SHORT_PREFIX)
        found += (uint8_t)find_term(terms, mix(prefix), rows + found);
    if (length > LONG_PREFIX)
        found += (uint8_t)find_term(terms, mix(ended->stem.hash), rows + found);
    ended->own_rows = found;
    found += (uint8_t)find_term(terms, mix(add_piece(known->names.clause[MAIN], ended->stem)), rows + found);
    ended->main_rows = found;
}

/* Fill in what a word is, given the hashes of its beginnings of SHORT_PREFIX and of LONG_PREFIX characters, where it
   has so many, and the element that it is. Its stems are there already. */
static inline void describe_word(const vocabulary *known, word *ended, uint64_t hash, size_t length, uint64_t prefix,
                                 uint64_t stem, int32_t exact)
{
    static const uint64_t powers[] = {1, POWER_1, POWER_2, POWER_3, POWER_4, POWER_5, POWER_6, POWER_7};
    ended->stem.hash = length > LONG_PREFIX ? add_character(stem, '*') : hash;
    ended->stem.power = powers[length > LONG_PREFIX ? LONG_PREFIX + 1 : length];
    ended->exact = exact;
    ended->traits = known->words.word_traits[exact];
    look_up_entries(&known->words, ended);
    find_rows(known, ended, hash, length, add_character(prefix, '*'));
}

static inline void end_word(const vocabulary *known, const word_state *state, word *ended)
{
    ended->stem_count = (uint8_t)state->stem_count;
    memcpy(ended->stems, state->stems, sizeof ended->stems);
    describe_word(known, ended, state->hash, state->length, state->hashes[SHORT_PREFIX], state->hashes[LONG_PREFIX],
                  state->at >= 0 ? known->words.nodes[state->at].exact : 0);
}

static ALWAYS_INLINE int32_t entry_at(const void *data, int kind, size_t index)
{
    uint32_t character = text_at(data, kind, index);
    return kind == 1 ? characters[character] : character_entry(character);
}

/* Return where the text goes on behind characters that are dropped. */
static ALWAYS_INLINE size_t skip_dropped(const void *data, int kind, size_t index, size_t length)
{
    while (index < length && entry_at(data, kind, index) & CHARACTER_DROP)
        index++;
    return index;
}

static ALWAYS_INLINE int is_word_at(const void *data, int kind, size_t index, size_t length)
{
    return index < length && entry_at(data, kind, index) & CHARACTER_WORD;
}

/* Read the word that begins at `index` letter by letter; return where it ends. */
static ALWAYS_INLINE size_t read_word(const vocabulary *known, const void *data,
                                      int kind, size_t index, size_t length, word *ended)
{
    const lexicon *words = &known->words;
    word_state state, plain; /* `plain` is the word without a possessive 's */
    int possible = 0, digit = 0;
    begin_word(words, &state);
    plain.length = 0;
    for (;;) {
        int32_t entry = entry_at(data, kind, index);
        if (!(entry & CHARACTER_DIGIT))
            add_to_word(words, &state, (uint32_t)((int32_t)text_at(data, kind, index) + (entry >> 8)));
        else if (!digit)
            add_to_word(words, &state, '0');
        digit = entry & CHARACTER_DIGIT;
        if (is_word_at(data, kind, ++index, length))
            continue;
        size_t next = skip_dropped(data, kind, index, length);
        if (!is_word_at(data, kind, next, length)) {
            if (next == length || (int32_t)text_at(data, kind, next) + (entry_at(data, kind, next) >> 8) != '\'')
                break;
            next = skip_dropped(data, kind, next + 1, length);
            if (!is_word_at(data, kind, next, length))
                break;
            plain = state;
            possible = 1;
            digit = 0;
            add_to_word(words, &state, '\'');
        }
        index = next;
    }
    if (possible && state.last == 's' && state.length == plain.length + 2)
        state = plain;
    end_word(known, &state, ended);
    return index;
}

#define KEY_LENGTH 16
#define SHORT_KEY 8

/* What read_key found: how many letters and digits, 0 when it cannot tell, and whether there are digits among them. */
typedef struct {
    size_t count;
    int digits;
} key_kind;

/* Copy the next KEY_LENGTH bytes of a text, or those that are left of it and zeros. */
static inline void copy_bytes(const uint8_t *all, size_t index, size_t length, uint8_t *bytes)
{
    if (index + KEY_LENGTH <= length) {
        memcpy(bytes, all + index, KEY_LENGTH);
    } else if (length < KEY_LENGTH) {
        memset(bytes, 0, KEY_LENGTH);
        memcpy(bytes, all + index, length - index);
    } else { /* always as many, since a variable number takes several times as long */
        uint8_t last[2 * KEY_LENGTH] = {0};
        memcpy(last, all + length - KEY_LENGTH, KEY_LENGTH);
        memcpy(bytes, last + (index + KEY_LENGTH - length), KEY_LENGTH);
    }
}

/* Take the ASCII letters, in lower case, and digits at `index` into a key, unless the word does not end inside the key
   or may go on behind an apostrophe or a character beyond ASCII. */
static inline key_kind read_key(const uint8_t *all, size_t index, size_t length, uint64_t *key)
{
    const key_kind unknown = {0, 0};
    uint8_t bytes[KEY_LENGTH];
    copy_bytes(all, index, length, bytes);
#ifdef __SSE2__
    static const uint8_t ones[2 * KEY_LENGTH] = {255, 255, 255, 255, 255, 255, 255, 255,
                                                 255, 255, 255, 255, 255, 255, 255, 255};
    __m128i given = _mm_loadu_si128((const __m128i *)(const void *)bytes);
    __m128i lower = _mm_or_si128(given, _mm_set1_epi8(0x20));
    __m128i letters = _mm_and_si128(_mm_cmpgt_epi8(lower, _mm_set1_epi8('a' - 1)),
                                    _mm_cmplt_epi8(lower, _mm_set1_epi8('z' + 1)));
    __m128i digits =
        _mm_and_si128(_mm_cmpgt_epi8(given, _mm_set1_epi8('0' - 1)), _mm_cmplt_epi8(given, _mm_set1_epi8('9' + 1)));
    unsigned others = ~(unsigned)_mm_movemask_epi8(_mm_or_si128(letters, digits));
    size_t count = (size_t)lowest_bit(others); /* at most 16, where the mask has run out */
    if (count >= KEY_LENGTH || bytes[count] == '\'' || bytes[count] == '`' || bytes[count] >= 0x80)
        return unknown;
    __m128i kept = _mm_loadu_si128((const __m128i *)(const void *)(ones + KEY_LENGTH - count));
    _mm_storeu_si128((__m128i *)(void *)key, _mm_and_si128(lower, kept));
    return (key_kind){count, (_mm_movemask_epi8(digits) & ((1 << count) - 1)) != 0};
#else
    size_t count = 0;
    int digits = 0;
    key[0] = key[1] = 0;
    while (count < KEY_LENGTH && bytes[count] < 0x80 && characters[bytes[count]] & CHARACTER_WORD) {
        digits |= characters[bytes[count]] & CHARACTER_DIGIT;
        ((uint8_t *)key)[count] = bytes[count] | 0x20;
        count++;
    }
    if (count >= KEY_LENGTH || bytes[count] == '\'' || bytes[count] == '`' || bytes[count] >= 0x80)
        return unknown;
    return (key_kind){count, digits};
#endif
}

/* Read a word of `count` lower-case ASCII letters, which are followed by zeros up to KEY_LENGTH. */
static inline void read_letters(const vocabulary *known, const uint8_t *letters, size_t count, word *ended)
{
    const lexicon *words = &known->words;
    uint64_t hashes[KEY_LENGTH + 1];
    int32_t stems[MOST_STEMS + 1]; /* a place more for what is not kept */
    uint32_t stem_count;
    int32_t at = 0;
    hashes[0] = 0;
    for (size_t each = 0; each < SHORT_KEY; each++) /* always as many, since the length cannot be guessed */
        hashes[each + 1] = add_character(hashes[each], letters[each]);
    for (size_t each = SHORT_KEY; each < count; each++)
        hashes[each + 1] = add_character(hashes[each], letters[each]);
    stems[0] = words->nodes[0].stem;
    stem_count = stems[0] != 0;
    for (size_t each = 0; each < count; each++) {
        if ((at = step(words, at, letters[each])) < 0)
            break;
        stems[stem_count] = words->nodes[at].stem;
        stem_count += stems[stem_count] != 0; /* at most MOST_STEMS on a way from the root: see check_lexicon */
    }
    ended->stem_count = (uint8_t)stem_count;
    memcpy(ended->stems, stems, sizeof ended->stems);
    describe_word(known, ended, hashes[count], count, hashes[SHORT_PREFIX], hashes[LONG_PREFIX],
                  at >= 0 ? words->nodes[at].exact : 0);
}

static inline remembered *place_of_key(const workspace *space, const uint64_t *key)
{
    uint64_t hash = (key[0] ^ key[1] * HASH_BASE) * HASH_MIXER;
    return space->memory + (hash >> 32 & (space->remembered - 1));
}

/* Note a word of ASCII that is to be recalled, or read it where that cannot be; return where it ends. */
static inline size_t note_word(workspace *space, const vocabulary *known, const uint8_t *bytes, size_t index,
                               size_t length, size_t number)
{
    pending_word *noted = space->pending.items + space->pending.count;
    key_kind kind = read_key(bytes, index, length, noted->key);
    if (kind.count == 0)
        return read_word(known, bytes, 1, index, length, space->words.items + number);
    noted->place = place_of_key(space, noted->key);
    noted->index = number;
    noted->start = index;
    noted->count = kind.count;
    noted->digits = kind.digits;
    PREFETCH(noted->place);
    PREFETCH(noted->place->lines + TWO_LINES / 2);
    space->pending.count++;
    return index + kind.count;
}

/* Take the noted words from memory where they were met before. */
static inline void recall_words(workspace *space, const vocabulary *known, const uint8_t *bytes, size_t length)
{
    for (size_t each = 0; each < space->pending.count; each++) {
        const pending_word *noted = space->pending.items + each;
        remembered *place = noted->place;
        word *recalled = space->words.items + noted->index;
        uint8_t gap = recalled->gap;
        if (place->key[0] != noted->key[0] || place->key[1] != noted->key[1]) {
            if (noted->digits)
                read_word(known, bytes, 1, noted->start, length, &place->word);
            else
                read_letters(known, (const uint8_t *)noted->key, noted->count, &place->word);
            memcpy(place->key, noted->key, sizeof place->key);
            space->written++;
        }
        *recalled = place->word;
        recalled->gap = gap;
    }
    if (space->written > space->remembered && space->remembered < MOST_REMEMBERED)
        renew_memory(space, 2 * space->remembered);
}

/* Fill space->words. */
static ALWAYS_INLINE void split_kind(workspace *space, const vocabulary *known,
                                     const void *data, int kind, size_t length)
{
    size_t index = 0;
    space->words.count = space->pending.count = 0;
    while (index < length) {
        gap_state between = {NO_GAP, 'x', 'x'};
        if (text_at(data, kind, index) == ' ' && is_word_at(data, kind, index + 1, length)) {
            index++;
        } else {
            for (; index < length; index++) {
                int32_t entry = entry_at(data, kind, index);
                if (entry & CHARACTER_WORD)
                    break;
                if (!(entry & CHARACTER_DROP))
                    add_to_gap(&between, (uint32_t)((int32_t)text_at(data, kind, index) + (entry >> 8)), entry & 0xFF);
            }
        }
        if (index == length)
            break;
        size_t number = space->words.count++;
        if (!RESERVE(space, words, number + 1) || !RESERVE(space, pending, number + 1))
            return;
        if (kind == 1)
            index = note_word(space, known, data, index, length, number);
        else
            index = read_word(known, data, kind, index, length, space->words.items + number);
        space->words.items[number].gap = between.gap;
    }
    if (kind == 1)
        recall_words(space, known, data, length);
}

static inline void split_words(workspace *space, const vocabulary *known, text given)
{
    if (given.kind == 1)
        split_kind(space, known, given.data, 1, given.length);
    else if (given.kind == 2)
        split_kind(space, known, given.data, 2, given.length);
    else
        split_kind(space, known, given.data, 4, given.length);
}

#endif
