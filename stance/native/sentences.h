/* What stance/sentences.py does for each line or sentence of a document, where it says what each function must return. */

#ifndef STANCE_SENTENCES_H
#define STANCE_SENTENCES_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "text.h"

/* As in stance/sentences.py. */
#define UNSAFE 1
#define MAY_MISS 2
#define CONTEXT 60

/* The boundary of a shorter sentence is never plain: it may be an enumerator. */
#define MIN_PLAIN 8

/* Tell whether an object is a string that can be read in place; set an exception when it is not. */
static int is_readable(PyObject *item)
{
#if PY_VERSION_HEX < 0x030C0000
    return PyUnicode_Check(item) && PyUnicode_READY(item) == 0;
#else
    return PyUnicode_Check(item);
#endif
}

static PyObject *not_a_string(PyObject *item)
{
    return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_TypeError, "expected a string, got %s", Py_TYPE(item)->tp_name);
}

static text text_of(PyObject *string)
{
    return (text){PyUnicode_DATA(string), (size_t)PyUnicode_GET_LENGTH(string), (int)PyUnicode_KIND(string)};
}

/* Look at every character of a line, without a branch, so that compilers take many at a time. The wide ones that are
   unsafe are the other white space, a few characters that lie among it, and surrogates. */
#define INSPECT(type, wide)                                                                                            \
    const type *at = line.data;                                                                                        \
    type odd = 0, met = 0;                                                                                             \
    for (size_t index = 0; index < line.length; index++) {                                                             \
        const type each = at[index];                                                                                   \
        odd |= (each < ' ') | (each == 0x85) | (each == 0xA0) | (wide);                                                \
    }                                                                                                                  \
    for (size_t index = 1; index < line.length; index++)                                                               \
        met |= (at[index - 1] == '.') & (at[index] == ')');                                                            \
    for (size_t index = 3; index < line.length; index++)                                                               \
        met |= (at[index - 3] == 'M') & (at[index - 2] == 'a') & (at[index - 1] == 'y') & (at[index] == '.');          \
    unsafe = odd, missed = met;

#define WIDE                                                                                                           \
    ((each == 0x1680) | (each / 16 == 0x200) | (each / 8 == 0x2028 / 8) | (each == 0x205F) | (each == 0x3000) |        \
     (each / 0x800 == 0xD800 / 0x800))

static long look_at(text line)
{
    int unsafe, missed;
    if (line.kind == 1) {
        INSPECT(uint8_t, 0)
    } else if (line.kind == 2) {
        INSPECT(uint16_t, WIDE)
    } else {
        INSPECT(uint32_t, WIDE)
    }
    return (unsafe ? UNSAFE : 0) | (missed ? MAY_MISS : 0);
}

/* Add a row to the rows; return it, borrowed, or NULL. */
static PyObject *append_row(PyObject *rows)
{
    PyObject *row = PyList_New(0);
    int failed = row == NULL || PyList_Append(rows, row) < 0;
    Py_XDECREF(row);
    return failed ? NULL : row;
}

/* Add the stretch from one place to another to a list. */
static int append_span(PyObject *spans, Py_ssize_t from, Py_ssize_t to)
{
    PyObject *start = PyLong_FromSsize_t(from), *end = PyLong_FromSsize_t(to);
    PyObject *span = start && end ? PyTuple_Pack(2, start, end) : NULL;
    int failed = span == NULL || PyList_Append(spans, span) < 0;
    Py_XDECREF(start);
    Py_XDECREF(end);
    Py_XDECREF(span);
    return failed ? -1 : 0;
}

#define AT_ONCE 32

/* Return the first place from which a line may end near by, or where fewer than AT_ONCE characters are left. */
#define SKIP_TO_CONTROL(type)                                                                                          \
    for (const type *at = given.data; from + AT_ONCE <= given.length; from += AT_ONCE) {                               \
        type some = 0;                                                                                                 \
        for (size_t each = 0; each < AT_ONCE; each++)                                                                  \
            some |= (at[from + each] < ' ') | (at[from + each] == 0x85) | (at[from + each] / 2 == 0x2028 / 2);         \
        if (some)                                                                                                      \
            return from;                                                                                               \
    }

static size_t skip_to_control(text given, size_t from)
{
    if (given.kind == 1) {
        SKIP_TO_CONTROL(uint8_t)
    } else if (given.kind == 2) {
        SKIP_TO_CONTROL(uint16_t)
    } else {
        SKIP_TO_CONTROL(uint32_t)
    }
    return from;
}

/* Return where the next end of a line is, or where the text ends. */
static size_t line_end(text given, size_t from)
{
    for (size_t until; (from = until = skip_to_control(given, from)) < given.length; from = until)
        for (until += AT_ONCE; from < until && from < given.length; from++)
            if (Py_UNICODE_ISLINEBREAK(text_at(given.data, given.kind, from)))
                return from;
    return given.length;
}

static int is_space_at(text given, size_t index)
{
    return Py_UNICODE_ISSPACE(text_at(given.data, given.kind, index));
}

PyDoc_STRVAR(find_blocks_doc, "find_blocks(text)\n--\n\nDo what stance.sentences._find_blocks does.");

static PyObject *find_blocks(PyObject *module, PyObject *string)
{
    (void)module;
    if (!is_readable(string))
        return not_a_string(string);
    text given = text_of(string);
    PyObject *blocks = PyList_New(0), *block = NULL; /* the last one, borrowed, or none since a blank line */
    for (size_t start = 0, next; blocks && start < given.length; start = next + 1) {
        size_t end = next = line_end(given, start);
        while (start < end && is_space_at(given, start))
            start++;
        while (start < end && is_space_at(given, end - 1))
            end--;
        if (start == end) {
            /* of the two characters of one end of a line the second looks like a blank line */
            if (!(next && next < given.length && text_at(given.data, given.kind, next) == '\n' &&
                  text_at(given.data, given.kind, next - 1) == '\r'))
                block = NULL;
            continue;
        }
        if (block == NULL)
            block = append_row(blocks);
        if (block == NULL || append_span(block, (Py_ssize_t)start, (Py_ssize_t)end) < 0)
            Py_CLEAR(blocks);
    }
    return blocks;
}

PyDoc_STRVAR(inspect_line_doc, "inspect_line(line)\n--\n\nDo what stance.sentences._inspect_line does.");

static PyObject *inspect_line(PyObject *module, PyObject *line)
{
    (void)module;
    if (!is_readable(line))
        return not_a_string(line);
    return PyLong_FromLong(look_at(text_of(line)));
}

static int is_break(text piece)
{
    return piece.length == 2 && text_at(piece.data, piece.kind, 0) == '\n' && text_at(piece.data, piece.kind, 1) == '\n';
}

static int append_place(PyObject *row, Py_ssize_t place)
{
    PyObject *number = PyLong_FromSsize_t(place);
    int failed = number == NULL || PyList_Append(row, number) < 0;
    Py_XDECREF(number);
    return failed ? -1 : 0;
}

PyDoc_STRVAR(add_up_doc, "add_up(pieces, lines)\n--\n\nDo what stance.sentences._add_up does.");

static PyObject *add_up(PyObject *module, PyObject *arguments)
{
    PyObject *pieces, *lines;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "O!O!:add_up", &PyList_Type, &pieces, &PyList_Type, &lines))
        return NULL;
    PyObject *rows = PyList_New(0), *row = rows ? append_row(rows) : NULL;
    Py_ssize_t line = 0, at = 0, count = PyList_GET_SIZE(pieces);
    int fits = 1;
    for (Py_ssize_t index = 0; index <= count && fits && !PyErr_Occurred(); index++) {
        PyObject *piece = index < count ? PyList_GET_ITEM(pieces, index) : NULL;
        if (piece && !is_readable(piece)) {
            not_a_string(piece);
        } else if (piece && !is_break(text_of(piece))) {
            append_place(row, at);
            at += PyUnicode_GET_LENGTH(piece);
        } else { /* the end of a line */
            PyObject *whole = line < PyList_GET_SIZE(lines) ? PyList_GET_ITEM(lines, line) : NULL;
            fits = whole && PyUnicode_Check(whole) && PyUnicode_GET_LENGTH(whole) == at;
            row = piece ? append_row(rows) : NULL;
            line++, at = 0;
        }
    }
    fits = fits && line == PyList_GET_SIZE(lines);
    if (PyErr_Occurred())
        Py_CLEAR(rows);
    else if (!fits)
        Py_SETREF(rows, Py_NewRef(Py_None));
    return rows;
}

static int is_capital(uint32_t character)
{
    return character >= 'A' && character <= 'Z';
}

static int is_small(uint32_t character)
{
    return character >= 'a' && character <= 'z';
}

static int is_figure(uint32_t character)
{
    return character >= '0' && character <= '9';
}

static int is_letter_or_figure(uint32_t character)
{
    return is_capital(character) || is_small(character) || is_figure(character);
}

static int is_quote(uint32_t character)
{
    return character == '"' || character == '\'' || character == 0x201D || character == 0x2019;
}

/* Tell whether a boundary with this around it is one that `_continues` never takes back, or is in doubt. */
static int ends_plainly(text line, size_t start, int is_long)
{
    uint32_t last[6]; /* the characters in front of the boundary, the nearest first */
    for (size_t each = 0; each < 6; each++)
        last[each] = text_at(line.data, line.kind, start - 1 - each);
    uint32_t next = text_at(line.data, line.kind, start);
    if ((next == '"' || next == '\'' || next == 0x201C || next == 0x2018) && start + 1 < line.length)
        next = text_at(line.data, line.kind, start + 1);
    if (last[0] != ' ' || !(is_capital(next) || is_figure(next)))
        return 0;
    if (last[1] == '!' || last[1] == '?')
        return is_letter_or_figure(last[2]);
    if (is_quote(last[1]))
        return last[2] == '.' && is_letter_or_figure(last[3]);
    if (last[1] != '.')
        return 0;
    if (is_quote(last[2]) || last[2] == ')' || last[2] == '%')
        return is_letter_or_figure(last[3]);
    if (is_figure(last[2])) /* a short sentence may be a dateline */
        return is_long || !(last[3] == ' ' || (is_figure(last[3]) && last[4] == ' '));
    if (is_capital(last[2]))
        return is_capital(last[3]);
    if (last[2] >= 0x80)
        return Py_UNICODE_ISALPHA(last[2]);
    if (!is_small(last[2]) || !(is_small(last[3]) || is_capital(last[3])))
        return 0;
    if (strchr("afhjklmnopquwz", (int)last[2])) /* none of _TITLE ends with one of these */
        return 1;
    return is_small(last[3]) && (last[4] == ' ' || (is_small(last[4]) && (last[5] == ' ' || is_small(last[5]))));
}

/* Ask the judge whether a sentence goes on behind a boundary: 1, 0, or -1 with an exception. */
static int goes_on(PyObject *judge, PyObject *line, int64_t sentence, PyObject *boundary)
{
    PyObject *from = PyLong_FromLongLong(sentence);
    PyObject *answer = from ? PyObject_CallFunctionObjArgs(judge, line, from, boundary, NULL) : NULL;
    int result = answer ? PyObject_IsTrue(answer) : -1;
    Py_XDECREF(from);
    Py_XDECREF(answer);
    return result;
}

PyDoc_STRVAR(cut_line_doc, "cut_line(paragraph, line, starts, continues)\n--\n\nDo what stance.sentences._cut_line does.");

static PyObject *cut_line(PyObject *module, PyObject *arguments)
{
    PyObject *line, *starts, *judge;
    int64_t begin, end, sentence = 0, (*spans)[2];
    (void)module;
    if (!PyArg_ParseTuple(arguments, "(LL)UO!O:cut_line", &begin, &end, &line, &PyList_Type, &starts, &judge) ||
        !is_readable(line))
        return NULL;
    text given = text_of(line);
    Py_ssize_t found = 0, places = PyList_GET_SIZE(starts);
    PyObject *result = PyBytes_FromStringAndSize(NULL, (places + 1) * (Py_ssize_t)sizeof *spans);
    if (result == NULL)
        return NULL;
    spans = (void *)PyBytes_AS_STRING(result);
    for (Py_ssize_t index = 1; index < places && index < PyList_GET_SIZE(starts) && !PyErr_Occurred(); index++) {
        PyObject *boundary = Py_NewRef(PyList_GET_ITEM(starts, index));
        int64_t start = PyLong_AsSsize_t(boundary), until = start - 1;
        int inside = start >= sentence && start < (int64_t)given.length, more = PyErr_Occurred() ? -1 : 0;
        if (!more && (!inside || start - sentence <= MIN_PLAIN ||
                      !ends_plainly(given, (size_t)start, start - sentence > CONTEXT))) {
            more = goes_on(judge, line, sentence, boundary);
            if (!more && !inside)
                PyErr_SetString(PyExc_ValueError, "a sentence that starts outside its line or before another");
            while (!more && inside && until >= sentence && is_space_at(given, (size_t)until))
                until--;
            until++;
        }
        Py_DECREF(boundary);
        if (more || PyErr_Occurred())
            continue;
        spans[found][0] = begin + sentence;
        spans[found++][1] = begin + until;
        for (sentence = start; sentence + 1 < (int64_t)given.length && text_at(given.data, given.kind, sentence) == ' ';)
            sentence++;
    }
    spans[found][0] = begin + sentence;
    spans[found++][1] = end;
    if (PyErr_Occurred())
        Py_CLEAR(result);
    else
        _PyBytes_Resize(&result, found * (Py_ssize_t)sizeof *spans);
    return result;
}

#endif
