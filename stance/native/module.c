/* The native kernel: stance._native.Kernel scores texts with the tables of a model file.

   stance/kernel.py says what it does and what it must be equal to. Texts are read in place, and the interpreter is
   left to others while a batch is scored: the kernel is not changed by scoring, and the strings are held by the
   caller's tuple. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "scoring.h"
#include "sentences.h"

#define MOST_LEXICON_CLASSES 256
#define IDLE_SPACES 4

enum { TABLE, WEIGHTS, UNIT, INTERCEPT, NODES, PHRASES, EDGES, ROOTS, TRAITS, LABEL_OF, FACE_OF, RANK, BUFFERS };

typedef struct {
    PyObject_HEAD
    model model;
    lexicon_class *classes;
    Py_buffer buffers[BUFFERS];
    workspace *idle[IDLE_SPACES]; /* those that no call is using, or NULL */
} kernel;

static workspace *take_workspace(kernel *self)
{
    workspace *space = NULL;
    for (int each = 0; each < IDLE_SPACES && space == NULL; each++)
        space = EXCHANGE_POINTER(&self->idle[each], NULL);
    return space ? space : new_workspace();
}

static void return_workspace(kernel *self, workspace *space)
{
    for (int each = 0; each < IDLE_SPACES && space; each++)
        space = EXCHANGE_POINTER(&self->idle[each], space);
    free_workspace(space);
}

static void kernel_dealloc(kernel *self)
{
    PyTypeObject *type = Py_TYPE(self);
    for (int each = 0; each < IDLE_SPACES; each++)
        free_workspace(self->idle[each]);
    free(self->classes);
    free(self->model.known.words.openings);
    free(self->model.known.class_rows);
    for (int each = 0; each < BUFFERS; each++)
        if (self->buffers[each].obj)
            PyBuffer_Release(&self->buffers[each]);
    type->tp_free(self);
    Py_DECREF(type);
}

static piece piece_of_name(const char *before, PyObject *name, const char *behind)
{
    piece result = piece_of(before), end = piece_of(behind);
    for (Py_ssize_t index = 0; index < PyUnicode_GET_LENGTH(name); index++) {
        result.hash = add_character(result.hash, PyUnicode_READ_CHAR(name, index));
        result.power *= HASH_BASE;
    }
    return (piece){add_piece(result.hash, end), result.power * end.power};
}

/* Make the word that a masked class is written as: "@" and its name. */
static void make_token(kernel *self, lexicon_class *named, PyObject *name)
{
    word_state state;
    begin_word(&self->model.known.words, &state);
    state.at = -1; /* a word of no entry */
    state.stem_count = 0;
    add_to_word(&self->model.known.words, &state, '@');
    for (Py_ssize_t index = 0; index < PyUnicode_GET_LENGTH(name); index++)
        add_to_word(&self->model.known.words, &state, PyUnicode_READ_CHAR(name, index));
    end_word(&self->model.known, &state, &named->token);
}

static int read_classes(kernel *self, PyObject *classes)
{
    Py_ssize_t count = PyTuple_GET_SIZE(classes);
    self->classes = calloc(count ? (size_t)count : 1, sizeof *self->classes);
    if (self->classes == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t each = 0; each < count; each++) {
        PyObject *name;
        int valence, traits;
        if (!PyTuple_Check(PyTuple_GET_ITEM(classes, each)) ||
            !PyArg_ParseTuple(PyTuple_GET_ITEM(classes, each), "Uii", &name, &valence, &traits)) {
            if (!PyErr_Occurred())
                PyErr_SetString(PyExc_TypeError, "a lexicon class is (name, valence, traits)");
            return -1;
        }
        if (valence < -1 || valence > 1) {
            PyErr_SetString(PyExc_ValueError, "a valence that is not -1, 0 or 1");
            return -1;
        }
        lexicon_class *named = self->classes + each;
        named->valence = (int8_t)valence;
        named->traits = (uint8_t)traits;
        named->mark = piece_of_name("<", name, ">");
    }
    self->model.known.words.classes = self->classes;
    self->model.known.words.class_count = (size_t)count;
    return 0;
}

static const char *lay_out(kernel *self, int labels, int neutral)
{
    static const Py_ssize_t sizes[BUFFERS] = {sizeof(bucket), 1, sizeof(float), sizeof(float), sizeof(node), sizeof(phrase),
                                              sizeof(edge), sizeof(int32_t), 1, 1, 1, 1};
    size_t counts[BUFFERS];
    model *given = &self->model;
    for (int each = 0; each < BUFFERS; each++) {
        const Py_buffer *buffer = self->buffers + each;
        Py_ssize_t aligned = sizes[each] > 4 ? 4 : sizes[each];
        if (buffer->len % sizes[each] || (uintptr_t)buffer->buf % (size_t)aligned)
            return "a part whose size or place does not fit its items";
        counts[each] = (size_t)(buffer->len / sizes[each]);
    }
    given->classes = counts[INTERCEPT];
    given->labels = (size_t)labels;
    given->neutral = neutral;
    if (given->classes < 1 || given->classes > MOST_CLASSES || labels < 1 || (size_t)labels > given->classes ||
        neutral >= labels || counts[LABEL_OF] != given->classes ||
        counts[FACE_OF] != given->classes || counts[RANK] != given->classes)
        return "labels and classes that do not fit each other";
    if (counts[WEIGHTS] % given->classes || counts[WEIGHTS] / given->classes >= UINT32_MAX / 2 ||
        counts[TABLE] < 1 || counts[TABLE] >= UINT32_MAX / 2)
        return "weights and terms that do not fit each other";
    given->add_rows = choose_row_adder(given->classes);
    memcpy(given->label_of, self->buffers[LABEL_OF].buf, given->classes);
    memcpy(given->face_of, self->buffers[FACE_OF].buf, given->classes);
    memcpy(given->rank, self->buffers[RANK].buf, given->classes);
    unsigned char met[MOST_CLASSES] = {0};
    for (size_t each = 0; each < given->classes; each++)
        given->only_class[each] = -1;
    for (size_t each = 0; each < given->classes; each++) {
        if (given->label_of[each] >= labels)
            return "a class of an unknown label";
        uint8_t face = given->face_of[each];
        if (face > each || given->face_of[face] != face || given->label_of[face] != given->label_of[each])
            return "a class that is a face of no class before it";
        if (face == each) {
            given->only_class[given->label_of[each]] = met[given->label_of[each]] ? -1 : (int)each;
            met[given->label_of[each]] = 1;
        }
    }
    for (int each = 0; each < labels; each++)
        if (!met[each])
            return "a label without a class";
    given->weights = self->buffers[WEIGHTS].buf;
    given->known.terms = (table){self->buffers[TABLE].buf, (uint32_t)counts[TABLE], 0, self->buffers[WEIGHTS].buf,
                                 given->classes * sizeof *given->weights};
    given->unit = counts[UNIT] == 1 ? *(const float *)self->buffers[UNIT].buf : 0.0f;
    if (!(given->unit > 0.0f && given->unit < 1e30f))
        return "a unit of the weights that is not one positive number";
    int exponent;
    if (frexpf(given->unit, &exponent) != 0.5f)
        return "a unit of the weights that is not a power of two";
    given->intercept = self->buffers[INTERCEPT].buf;
    given->known.words.nodes = self->buffers[NODES].buf;
    given->known.words.node_count = counts[NODES];
    given->known.words.phrases = self->buffers[PHRASES].buf;
    given->known.words.phrase_count = counts[PHRASES];
    given->known.words.edges = self->buffers[EDGES].buf;
    given->known.words.edge_count = counts[EDGES];
    given->known.words.roots = self->buffers[ROOTS].buf;
    given->known.words.element_count = counts[ROOTS];
    given->known.words.word_traits = self->buffers[TRAITS].buf;
    if (counts[TRAITS] != counts[ROOTS])
        return "elements of the lexicon without traits";
    for (size_t each = 0; each < given->classes; each++)
        if (!(fabsf(given->intercept[each]) < 1e30f))
            return "an intercept that is not finite";
    return check_table(&given->known.terms, counts[WEIGHTS] / given->classes);
}

/* Check that each of the names, a line each in the order of the rows, is found where it belongs. */
static const char *check_names(const table *terms, const Py_buffer *names)
{
    const uint8_t *bytes = names->buf, *end = bytes + names->len;
    uint32_t row = 0;
    while (bytes <= end) {
        const uint8_t *line = bytes;
        uint64_t hash = 0;
        for (; bytes < end && *bytes != '\n';) {
            uint32_t character = *bytes++;
            if (character >= 0xC0) {
                int more = character < 0xE0 ? 1 : character < 0xF0 ? 2 : 3;
                character &= 0x3Fu >> more;
                while (more-- > 0 && bytes < end && (*bytes & 0xC0) == 0x80)
                    character = character << 6 | (*bytes++ & 0x3F);
            }
            hash = add_character(hash, character);
        }
        uint32_t found;
        if (bytes == line || !find_term(terms, mix(hash), &found) || found != row++)
            return "a term that is not where its name belongs";
        bytes++;
    }
    return row == terms->rows ? NULL : "fewer names than terms";
}

/* Check a lexicon and note what its elements begin; return what is wrong, or NULL. */
static const char *prepare_lexicon(lexicon *words)
{
    uint8_t *depths = malloc(words->phrase_count + 1);
    words->openings = calloc(words->element_count + 1, sizeof *words->openings);
    const char *problem = "too large for this machine's memory";
    if (depths && words->openings)
        problem = check_lexicon(words, depths);
    if (!problem)
        note_openings(words);
    free(depths);
    return problem;
}

/* Look the terms made of classes up; return what is wrong, or NULL. */
static const char *prepare_class_rows(vocabulary *known)
{
    size_t count = known->words.class_count, width = rows_a_class(&known->words);
    if (count > MOST_LEXICON_CLASSES)
        return "too many classes in the lexicon";
    known->class_rows = malloc((count * width + 1) * sizeof *known->class_rows);
    if (known->class_rows == NULL)
        return "too large for this machine's memory";
    find_class_rows(known);
    return NULL;
}

static PyObject *kernel_new(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    static char *parameters[] = {"table",  "weights", "unit", "intercept",   "nodes",    "phrases", "edges", "roots",
                                 "traits", "labels", "faces", "label_ranks", "classes", "label_count", "neutral", "names", NULL};
    PyObject *classes;
    int labels, neutral;
    Py_buffer names = {0};
    kernel *self = (kernel *)type->tp_alloc(type, 0);
    if (self == NULL)
        return NULL;
    Py_buffer *to = self->buffers;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "$y*y*y*y*y*y*y*y*y*y*y*y*O!iiy*:Kernel", parameters, to + TABLE,
                                     to + WEIGHTS, to + UNIT, to + INTERCEPT, to + NODES, to + PHRASES, to + EDGES, to + ROOTS,
                                     to + TRAITS, to + LABEL_OF, to + FACE_OF, to + RANK, &PyTuple_Type, &classes, &labels, &neutral,
                                     &names) ||
        read_classes(self, classes) < 0) {
        PyBuffer_Release(&names);
        Py_DECREF(self);
        return NULL;
    }
    name_pieces(&self->model.known.names);
    const char *problem = lay_out(self, labels, neutral);
    if (!problem)
        problem = prepare_lexicon(&self->model.known.words);
    if (!problem)
        for (size_t each = 0; each < self->model.known.words.class_count; each++)
            make_token(self, self->classes + each, PyTuple_GET_ITEM(PyTuple_GET_ITEM(classes, (Py_ssize_t)each), 0));
    if (!problem)
        problem = prepare_class_rows(&self->model.known);
    if (!problem)
        problem = check_names(&self->model.known.terms, &names);
    PyBuffer_Release(&names);
    if (problem) {
        PyErr_SetString(PyExc_ValueError, problem);
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

/* The columns of a batch while they are filled. */
typedef struct {
    PyObject *classes, *probabilities, *evidence;
} columns;

static int new_columns(columns *result, Py_ssize_t count, size_t labels)
{
    result->classes = PyBytes_FromStringAndSize(NULL, count * (Py_ssize_t)sizeof(uint16_t));
    result->probabilities = PyBytes_FromStringAndSize(NULL, count * (Py_ssize_t)(labels * sizeof(double)));
    result->evidence = PyBytes_FromStringAndSize(NULL, count * (Py_ssize_t)sizeof(int64_t));
    return result->classes && result->probabilities && result->evidence ? 0 : -1;
}

static PyObject *finish_columns(columns *result, int failed)
{
    if (failed) {
        Py_XDECREF(result->classes);
        Py_XDECREF(result->probabilities);
        Py_XDECREF(result->evidence);
        return NULL;
    }
    return Py_BuildValue("(NNN)", result->classes, result->probabilities, result->evidence);
}

static void put(columns *result, Py_ssize_t index, outcome scored)
{
    memcpy(PyBytes_AS_STRING(result->classes) + index * (Py_ssize_t)sizeof(uint16_t), &scored.class, sizeof(uint16_t));
    memcpy(PyBytes_AS_STRING(result->evidence) + index * (Py_ssize_t)sizeof(int64_t), &scored.evidence,
           sizeof(int64_t));
}

static double *probabilities_of(columns *result, Py_ssize_t index, size_t labels)
{
    return (double *)(void *)PyBytes_AS_STRING(result->probabilities) + (size_t)index * labels;
}

/* Return a text with a byte for each character if all of them are below 256, else as it is. */
static text narrowed(workspace *space, text given)
{
    if (given.kind == 1 || !RESERVE(space, decoded, given.length / sizeof(uint32_t) + 1))
        return given;
    uint8_t *bytes = (uint8_t *)space->decoded.items;
    return narrow_text(given, bytes) ? (text){bytes, given.length, 1} : given;
}

/* Score texts, which the caller keeps alive; return their columns. */
static PyObject *score_texts(kernel *self, const text *given, Py_ssize_t count)
{
    columns result = {0};
    workspace *space = take_workspace(self);
    if (space == NULL || new_columns(&result, count, self->model.labels) < 0) {
        free_workspace(space);
        finish_columns(&result, 1);
        return PyErr_NoMemory();
    }
    Py_BEGIN_ALLOW_THREADS;
    for (Py_ssize_t index = 0; index < count && !space->out_of_memory; index++) {
        if (index + 1 < count)
            fetch_text(given[index + 1]);
        put(&result, index,
            score_text(space, &self->model, narrowed(space, given[index]),
                       probabilities_of(&result, index, self->model.labels)));
    }
    Py_END_ALLOW_THREADS;
    int failed = space->out_of_memory;
    if (failed) {
        free_workspace(space);
        PyErr_NoMemory();
    } else {
        return_workspace(self, space);
    }
    return finish_columns(&result, failed);
}

PyDoc_STRVAR(score_doc, "score(texts, first, last)\n--\n\n"
                        "Score texts[first:last] of a tuple of strings; return the columns as bytes: likeliest class "
                        "(uint16), probabilities of the labels (float64), known terms (int64).");

static PyObject *kernel_score(kernel *self, PyObject *arguments)
{
    PyObject *texts;
    Py_ssize_t first, last;
    if (!PyArg_ParseTuple(arguments, "O!nn:score", &PyTuple_Type, &texts, &first, &last))
        return NULL;
    if (first < 0 || last < first || last > PyTuple_GET_SIZE(texts))
        return PyErr_Format(PyExc_IndexError, "texts[%zd:%zd] of %zd", first, last, PyTuple_GET_SIZE(texts));
    Py_ssize_t count = last - first;
    text *given = PyMem_New(text, count + 1);
    if (given == NULL)
        return PyErr_NoMemory();
    for (Py_ssize_t index = 0; index < count; index++) {
        PyObject *item = PyTuple_GET_ITEM(texts, first + index);
        if (!is_readable(item)) {
            PyMem_Free(given);
            if (!PyErr_Occurred())
                PyErr_Format(PyExc_TypeError, "sentences[%zd]: expected a string, got %s", first + index,
                             Py_TYPE(item)->tp_name);
            return NULL;
        }
        given[index] = text_of(item);
    }
    PyObject *result = score_texts(self, given, count);
    PyMem_Free(given);
    return result;
}

PyDoc_STRVAR(score_spans_doc, "score_spans(text, spans, first, last)\n--\n\n"
                              "Score text[start:end] for spans first to last of a buffer of (start, end), two int64 "
                              "each; return what score returns.");

/* Take the stretch of a text that span `index` says; return 0 where there is none. */
static int take_span(text whole, const Py_buffer *spans, Py_ssize_t index, text *stretch)
{
    int64_t span[2];
    memcpy(span, (const char *)spans->buf + index * (Py_ssize_t)sizeof span, sizeof span);
    if (span[0] < 0 || span[1] < span[0] || span[1] > (int64_t)whole.length)
        return 0;
    *stretch = (text){(const char *)whole.data + span[0] * whole.kind, (size_t)(span[1] - span[0]), whole.kind};
    return 1;
}

static PyObject *kernel_score_spans(kernel *self, PyObject *arguments)
{
    PyObject *whole, *result = NULL;
    Py_buffer spans;
    Py_ssize_t first, last, found = 0;
    if (!PyArg_ParseTuple(arguments, "Uy*nn:score_spans", &whole, &spans, &first, &last))
        return NULL;
    int inside = first >= 0 && last >= first && last <= spans.len / (Py_ssize_t)sizeof(int64_t[2]);
    text *given = inside && is_readable(whole) ? PyMem_New(text, last - first + 1) : NULL;
    while (given && found < last - first && take_span(text_of(whole), &spans, first + found, given + found))
        found++;
    if (given && found == last - first)
        result = score_texts(self, given, found);
    else if (inside && !given && !PyErr_Occurred())
        PyErr_NoMemory();
    else if (!PyErr_Occurred())
        PyErr_Format(PyExc_ValueError, "span %zd is not one of the text", first + found);
    PyMem_Free(given);
    PyBuffer_Release(&spans);
    return result;
}

PyDoc_STRVAR(score_one_doc, "score_one(text)\n--\n\n"
                            "Score a string; return its likeliest class, its known terms and the probabilities of the "
                            "labels.");

static PyObject *kernel_score_one(kernel *self, PyObject *string)
{
    double probabilities[MOST_CLASSES];
    if (!is_readable(string))
        return not_a_string(string);
    workspace *space = take_workspace(self);
    if (space == NULL)
        return PyErr_NoMemory();
    outcome scored = score_text(space, &self->model, text_of(string), probabilities);
    if (space->out_of_memory) {
        free_workspace(space);
        return PyErr_NoMemory();
    }
    return_workspace(self, space);
    PyObject *values = PyTuple_New((Py_ssize_t)self->model.labels);
    if (values == NULL)
        return NULL;
    for (size_t each = 0; each < self->model.labels; each++) {
        PyObject *value = PyFloat_FromDouble(probabilities[each]);
        if (value == NULL) {
            Py_DECREF(values);
            return NULL;
        }
        PyTuple_SET_ITEM(values, (Py_ssize_t)each, value);
    }
    return Py_BuildValue("(iLN)", (int)scored.class, (long long)scored.evidence, values);
}

PyDoc_STRVAR(known_doc, "known(text)\n--\n\nReturn {row: count} of the terms of a string that the model knows.");

static PyObject *kernel_known(kernel *self, PyObject *string)
{
    if (!is_readable(string))
        return not_a_string(string);
    workspace *space = new_workspace();
    if (space == NULL)
        return PyErr_NoMemory();
    find_terms(space, &self->model.known, text_of(string));
    PyObject *result = space->out_of_memory ? PyErr_NoMemory() : PyDict_New();
    for (size_t index = 0; result && index < space->rows.count; index++) {
        PyObject *row = PyLong_FromUnsignedLong(space->rows.items[index]);
        PyObject *before = row ? PyDict_GetItemWithError(result, row) : NULL;
        PyObject *count = PyErr_Occurred() ? NULL : PyLong_FromSize_t(before ? PyLong_AsSize_t(before) + 1 : 1);
        if (!row || !count || PyDict_SetItem(result, row, count) < 0)
            Py_CLEAR(result);
        Py_XDECREF(row);
        Py_XDECREF(count);
    }
    free_workspace(space);
    return result;
}

PyDoc_STRVAR(score_utf8_doc, "score_utf8(bytes, offsets, width, first, last, place)\n--\n\n"
                             "Score texts first to last of a buffer of UTF-8: text i is bytes[offsets[i]:offsets[i + "
                             "1]], the offsets being signed integers of `width` bytes, 4 or 8. Returns what score "
                             "returns; raises ValueError for an offset outside the buffer or bytes that are not UTF-8. "
                             "In the error the first text counts as number `place`.");

static int64_t offset_at(const Py_buffer *offsets, int width, Py_ssize_t index)
{
    if (width == 8) {
        int64_t wide;
        memcpy(&wide, (const char *)offsets->buf + index * 8, 8);
        return wide;
    }
    int32_t narrow;
    memcpy(&narrow, (const char *)offsets->buf + index * 4, 4);
    return narrow;
}

/* Return the text between two offsets, decoded unless it is ASCII; a kind of 0 says that it is none. */
static text utf8_text(workspace *space, const Py_buffer *bytes, int64_t from, int64_t to)
{
    const text none = {NULL, 0, 0};
    if (from < 0 || to < from || to > bytes->len)
        return none;
    const uint8_t *start = (const uint8_t *)bytes->buf + from;
    size_t length = (size_t)(to - from);
    if (is_ascii(start, length))
        return (text){start, length, 1};
    if (!RESERVE(space, decoded, length))
        return none;
    int64_t count = decode_utf8(start, length, space->decoded.items);
    if (count < 0)
        return none;
    text decoded = {space->decoded.items, (size_t)count, 4};
    decoded.kind = narrow_text(decoded, (uint8_t *)space->decoded.items) ? 1 : 4;
    return decoded;
}

static PyObject *kernel_score_utf8(kernel *self, PyObject *arguments)
{
    Py_buffer bytes = {0}, offsets = {0};
    Py_ssize_t first, last, place, wrong = -1;
    int width, failed = 1;
    columns result = {0};
    workspace *space = NULL;
    if (!PyArg_ParseTuple(arguments, "y*y*innn:score_utf8", &bytes, &offsets, &width, &first, &last, &place))
        goto done;
    if ((width != 4 && width != 8) || first < 0 || last < first || last >= offsets.len / width) {
        PyErr_SetString(PyExc_ValueError, "offsets that do not reach from first to last");
        goto done;
    }
    space = take_workspace(self);
    if (space == NULL || new_columns(&result, last - first, self->model.labels) < 0) {
        PyErr_NoMemory();
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS;
    for (Py_ssize_t index = first; index < last && wrong < 0 && !space->out_of_memory; index++) {
        int64_t from = offset_at(&offsets, width, index), to = offset_at(&offsets, width, index + 1);
        text given = utf8_text(space, &bytes, from, to);
        if (given.kind)
            fetch_text((text){(const char *)bytes.buf + to, 0, 1}); /* the next one lies behind it */
        if (given.kind == 0)
            wrong = index;
        else
            put(&result, index - first,
                score_text(space, &self->model, given, probabilities_of(&result, index - first, self->model.labels)));
    }
    Py_END_ALLOW_THREADS;
    failed = wrong >= 0 || space->out_of_memory;
    if (space->out_of_memory)
        PyErr_NoMemory();
    else if (failed)
        PyErr_Format(PyExc_ValueError, "sentences[%zd]: not UTF-8, or outside its buffer",
                     place + wrong - first);
done:
    if (space && space->out_of_memory)
        free_workspace(space);
    else if (space)
        return_workspace(self, space);
    PyBuffer_Release(&bytes);
    PyBuffer_Release(&offsets);
    return finish_columns(&result, failed);
}

static PyMethodDef kernel_methods[] = {
    {"score", (PyCFunction)kernel_score, METH_VARARGS, score_doc},
    {"score_spans", (PyCFunction)kernel_score_spans, METH_VARARGS, score_spans_doc},
    {"score_one", (PyCFunction)kernel_score_one, METH_O, score_one_doc},
    {"score_utf8", (PyCFunction)kernel_score_utf8, METH_VARARGS, score_utf8_doc},
    {"known", (PyCFunction)kernel_known, METH_O, known_doc},
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(kernel_doc, "The tables of a model, checked and ready to score. Raises ValueError for tables that are not "
                         "those of a model.");

static PyType_Slot kernel_slots[] = {
    {Py_tp_doc, (void *)kernel_doc},
    {Py_tp_new, kernel_new},
    {Py_tp_dealloc, kernel_dealloc},
    {Py_tp_methods, kernel_methods},
    {0, NULL},
};

static PyType_Spec kernel_spec = {"stance._native.Kernel", sizeof(kernel), 0,
                                  Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, kernel_slots};

static int add_names(PyObject *module)
{
    PyObject *type = PyType_FromModuleAndSpec(module, &kernel_spec, NULL);
    int failed = PyModule_AddObjectRef(module, "Kernel", type);
    Py_XDECREF(type);
    return failed < 0 ? -1 : PyModule_AddStringConstant(module, "SOURCE", STANCE_SOURCE);
}

/* Nothing is shared between interpreters or changed after a kernel is made but its idle workspaces, each of which is
   exchanged in one step. */
static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, add_names},
#ifdef Py_mod_multiple_interpreters
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
#ifdef Py_mod_gil
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static PyMethodDef module_functions[] = {
    {"find_blocks", find_blocks, METH_O, find_blocks_doc},
    {"inspect_line", inspect_line, METH_O, inspect_line_doc},
    {"add_up", add_up, METH_VARARGS, add_up_doc},
    {"cut_line", cut_line, METH_VARARGS, cut_line_doc},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module_definition = {PyModuleDef_HEAD_INIT, "_native", NULL, 0, module_functions,
                                               module_slots, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__native(void)
{
    return PyModuleDef_Init(&module_definition);
}
