/* Text as the terms read it: characters of a Python string or of UTF-8, folded and lower-cased one by one. */

#ifndef STANCE_TEXT_H
#define STANCE_TEXT_H

#include <stdint.h>
#include <string.h>

#include "portable.h"

#include "characters.h" /* written by stance/folding.py when the package is built */

typedef struct {
    const void *data;
    size_t length; /* in characters */
    int kind;      /* bytes a character: 1, 2 or 4 */
} text;

static inline uint32_t text_at(const void *data, int kind, size_t index)
{
    if (kind == 1)
        return ((const uint8_t *)data)[index];
    if (kind == 2)
        return ((const uint16_t *)data)[index];
    return ((const uint32_t *)data)[index];
}

/* Fetch the beginning of a text that will be read soon; what lies behind it follows by itself. */
static inline void fetch_text(text given)
{
    const char *data = given.data;
    for (size_t line = 0; line < 4; line++)
        PREFETCH(data + 64 * line);
}

/* The distance to the folded, lower-case character, times 256, plus the flags of the folded one. */
static inline int32_t character_entry(uint32_t character)
{
    uint32_t block = character_blocks[character / CHARACTER_BLOCK];
    return characters[block * CHARACTER_BLOCK + character % CHARACTER_BLOCK];
}

static inline int is_ascii(const uint8_t *bytes, size_t length)
{
    uint8_t seen = 0;
    for (size_t index = 0; index < length; index++) /* compilers take 16 bytes at a time */
        seen |= bytes[index];
    return seen < 0x80;
}

/* Decode UTF-8 into `out`, which has room for `length` characters; return their number, or -1 where it is not UTF-8. */
static inline int64_t decode_utf8(const uint8_t *bytes, size_t length, uint32_t *out)
{
    static const uint32_t least[4] = {0, 0x80, 0x800, 0x10000};
    int64_t count = 0;
    for (size_t index = 0; index < length;) {
        uint8_t lead = bytes[index++];
        int more = lead < 0x80 ? 0 : lead < 0xC0 ? -1 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : lead < 0xF8 ? 3 : -1;
        if (more < 0 || index + (size_t)more > length)
            return -1;
        uint32_t character = more == 0 ? lead : lead & (0x3Fu >> more);
        for (int each = 0; each < more; each++, index++) {
            if ((bytes[index] & 0xC0) != 0x80)
                return -1;
            character = character << 6 | (bytes[index] & 0x3F);
        }
        if (character < least[more] || character > 0x10FFFF || (character >= 0xD800 && character < 0xE000))
            return -1;
        out[count++] = character;
    }
    return count;
}

/* Write a text whose characters are all below 256 as bytes, perhaps in its own place, since words of these are
   remembered; return 0 for another. */
static inline int narrow_text(text given, uint8_t *bytes)
{
    const uint16_t *narrow = given.data;
    const uint32_t *wide = given.data;
    uint32_t seen = 0;
    for (size_t index = 0; index < given.length; index++)
        seen |= given.kind == 2 ? narrow[index] : wide[index];
    if (seen > 0xFF)
        return 0;
    for (size_t index = 0; index < given.length; index++)
        bytes[index] = (uint8_t)(given.kind == 2 ? narrow[index] : wide[index]);
    return 1;
}

#endif
