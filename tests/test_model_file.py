"""The model file's header and parts: what is written, and what is asked of each before it is used."""

import json
import math
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from tiny_model import Header, make_tiny_model

from stance import LABELS, ModelFormatError, load
from stance.container import Container, Part, join, parse_container, read_content, write_header
from stance.labels import EventClass, Label
from stance.model import Model, pack
from stance.model_file import (
    HEADER_DIGEST,
    METADATA_KEY,
    PackedModel,
    parse_header,
    read_format_version,
    read_model_file,
    read_packed,
    write_packed,
)
from stance.versions import FORMAT_VERSION, PAIR_TERMS_VERSION, TERMS_VERSION

KEPT = Path(__file__).parents[1] / "fixtures" / "models"
PATH = Path("model.safetensors")
RETRAIN = "retrain with 'stance train' or get the file again"


@pytest.fixture(scope="module")
def container(tiny_model: Path) -> Container:
    return parse_container(tiny_model, read_content(tiny_model))


@pytest.fixture
def header(container: Container) -> Header:
    return json.loads(container.metadata[METADATA_KEY])


def parts_of(container: Container) -> dict[str, Part]:
    return {name: part for name, part in container.parts.items() if name != HEADER_DIGEST}


def sealed(header: Header, parts: dict[str, Part]) -> memoryview:
    """Return the content of a file with the digest of its header, which is taken as it is."""
    digest = Part("U8", (32,), bytes(32))
    start = write_header({METADATA_KEY: json.dumps(header)}, {**parts, HEADER_DIGEST: digest})
    return memoryview(join(start, [*parts.values(), digest._replace(data=sha256(start).digest())]))


def refusal(content: memoryview) -> str:
    with pytest.raises(ModelFormatError) as caught:
        read_packed(PATH, content)
    return str(caught.value)


def test_header_says_what_is_inside():
    model = make_tiny_model()
    container = parse_container(PATH, memoryview(model.to_bytes()))
    parts = parts_of(container)
    found = json.loads(container.metadata[METADATA_KEY])
    assert container.metadata == {METADATA_KEY: json.dumps(found, sort_keys=True)}
    assert found == {
        "format_version": FORMAT_VERSION,
        "terms_version": TERMS_VERSION,
        "pair_terms_version": PAIR_TERMS_VERSION,
        "labels": list(model.labels),
        "classes": [list(each) for each in model.classes],
        "lexicon_classes": [list(each) for each in pack(model).lexicon_classes],
        "information": model.information,
        "sha256": {name: sha256(part.data).hexdigest() for name, part in parts.items()},
    }


def test_last_part_seals_the_header(container):
    start = container.content[: container.header]
    assert list(container.parts)[-1] == HEADER_DIGEST
    digest = container.parts[HEADER_DIGEST]
    assert (digest.dtype, digest.shape, bytes(digest.data)) == ("U8", (32,), sha256(start).digest())


def test_packed_model_is_read_back(tiny_model, container):
    found, model = read_model_file(tiny_model), make_tiny_model()
    expected = pack(model)
    assert isinstance(found, PackedModel)
    assert found.path == tiny_model
    for name in ("labels", "classes", "lexicon_classes", "information"):
        assert getattr(found, name) == getattr(expected, name)
    assert all(isinstance(label, Label) for label in (*found.labels, *(each.label for each in found.classes)))
    assert all(isinstance(each, EventClass) for each in found.classes)
    assert found.parts == parts_of(container) == expected.parts


@pytest.mark.parametrize(
    ("labels", "neutral"), [(LABELS, 2), (("neutral", "x"), 0), (("up", "down"), -1), (("Neutral", "x"), -1)]
)
def test_neutral_is_found_by_name(labels, neutral):
    assert PackedModel(PATH, labels, (), (), {}, {}).neutral == neutral


def test_versions_given_are_written(header, container):
    header |= {"format_version": 9, "sha256": "old"}
    content = memoryview(write_packed(header, parts_of(container)))
    found = parse_container(PATH, content).metadata[METADATA_KEY]
    assert json.loads(found)["format_version"] == 9
    assert json.loads(found)["sha256"]["unit"] == sha256(container.parts["unit"].data).hexdigest()


def test_sealed_again_is_read(header, container):
    assert isinstance(read_packed(PATH, sealed(header, parts_of(container))), PackedModel)


def test_changed_header_is_refused(tiny_model):
    content = bytearray(tiny_model.read_bytes())
    content[content.index(b"examples")] ^= 1
    assert refusal(memoryview(content)) == f"{PATH}: the header does not match its SHA-256; {RETRAIN}"


def test_header_without_digest_is_refused(header, container):
    parts = parts_of(container)
    content = join(write_header({METADATA_KEY: json.dumps(header)}, parts), list(parts.values()))
    assert refusal(memoryview(content)) == f"{PATH}: the header does not match its SHA-256; {RETRAIN}"


@pytest.mark.parametrize("digests", [None, [], "sha256"])
def test_digests_are_an_object(header, container, digests):
    content = sealed(header | {"sha256": digests}, parts_of(container))
    assert refusal(content) == f"{PATH}: sha256 is not a JSON object; {RETRAIN}"


@pytest.mark.parametrize("name", ["edges", "lexicon", "pair_weights", "table"])
@pytest.mark.parametrize("digest", [None, "0" * 64, 0])
def test_part_of_another_digest_is_refused(header, container, name, digest):
    header["sha256"][name] = digest
    content = sealed(header, parts_of(container))
    assert refusal(content) == f"{PATH}: {name} does not match its SHA-256; {RETRAIN}"


def test_part_without_digest_is_refused(header, container):
    del header["sha256"]["traits"]
    assert refusal(sealed(header, parts_of(container))) == f"{PATH}: traits does not match its SHA-256; {RETRAIN}"


@pytest.mark.parametrize(
    "classes",
    [
        None,
        {},
        [None],
        ["abc"],
        [["accuse", -1]],
        [["accuse", -1, 0, 0]],
        [[1, -1, 0]],
        [["accuse", 2, 0]],
        [["accuse", -2, 0]],
        [["accuse", 1.0, 0]],
        [["accuse", True, 0]],
        [["accuse", -1, 16]],
        [["accuse", -1, -1]],
        [["accuse", -1, None]],
        [["accuse", -1, 0], ["agree", 1, "0"]],
    ],
)
def test_lexicon_classes_are_checked(header, container, classes):
    content = sealed(header | {"lexicon_classes": classes}, parts_of(container))
    assert refusal(content) == f"{PATH}: lexicon_classes are not a list of [name, valence, traits]; {RETRAIN}"


@pytest.mark.parametrize("valence", [-1, 0, 1])
@pytest.mark.parametrize("traits", [0, 15])
def test_lexicon_classes_are_read(header, container, valence, traits):
    found = read_packed(PATH, sealed(header | {"lexicon_classes": [["", valence, traits]]}, parts_of(container)))
    assert found.lexicon_classes == (("", valence, traits),)


@pytest.mark.parametrize(
    ("name", "version"), [("terms", None), ("terms", 0), ("terms", 3), ("pair terms", None), ("pair terms", 3)]
)
def test_unknown_terms_version_is_refused(header, container, name, version):
    header[name.replace(" ", "_") + "_version"] = version
    assert refusal(sealed(header, parts_of(container))) == (
        f"{PATH}: {name} version {version}, this version knows 1 and 2; {RETRAIN}"
    )


def test_terms_version_must_be_there(header, container):
    del header["terms_version"]
    problem = "terms version None, this version knows 1 and 2"
    assert refusal(sealed(header, parts_of(container))) == f"{PATH}: {problem}; {RETRAIN}"


def test_pair_terms_version_may_lack(header, container):
    del header["pair_terms_version"]
    assert isinstance(read_packed(PATH, sealed(header, parts_of(container))), PackedModel)


def test_label_of_two_letters_is_read(altered):
    def rename(header: Header, _: object) -> None:
        header["labels"][0] = header["classes"][0][0] = "up"
        for each in header["classes"]:
            each[0] = "up" if each[0] == "cooperative" else each[0]

    assert load(altered(rename)).labels == ("up", "adversarial", "neutral")


def test_two_labels_are_enough(altered):
    def merge(header: Header, _: object) -> None:
        header["labels"] = ["adversarial", "neutral"]
        for each in header["classes"]:
            each[0] = "neutral" if each[0] == "cooperative" else each[0]

    assert load(altered(merge)).labels == ("adversarial", "neutral")


def test_unknown_label_of_a_class(altered):
    path = altered(lambda header, _: header["classes"][0].__setitem__(0, "mixed"))
    with pytest.raises(ModelFormatError) as caught:
        load(path)
    assert str(caught.value) == f"{path}: a class of an unknown label, or a label without a class; {RETRAIN}"


def test_one_class_is_too_few(altered):
    path = altered(lambda header, _: header.update(classes=[["neutral", None]]))
    with pytest.raises(ModelFormatError) as caught:
        load(path)
    assert str(caught.value) == f"{path}: a class of an unknown label, or a label without a class; {RETRAIN}"


WANTED = {
    "table": "U32 of 2 dimensions, 8 wide",
    "nodes": "I32 of 2 dimensions, 4 wide",
    "phrases": "I32 of 2 dimensions, 4 wide",
    "edges": "I32 of 2 dimensions, 2 wide",
    "roots": "I32 of 1 dimensions",
    "traits": "U8 of 1 dimensions",
    "weights": "I8 of 2 dimensions, 16 wide",
    "unit": "F32 of 1 dimensions",
    "intercept": "F32 of 1 dimensions",
    "idf": "F32 of 1 dimensions",
    "terms": "U8 of 1 dimensions",
    "lexicon": "U8 of 1 dimensions",
    "pair_terms": "U8 of 1 dimensions",
    "pair_idf": "F32 of 1 dimensions",
    "pair_weights": "F16 of 2 dimensions, 5 wide",
    "pair_intercept": "F32 of 1 dimensions",
}


def other_type(part: Part) -> Part:
    """Return a part of the same shape and another type."""
    return part._replace(dtype="F64", data=bytes(8 * math.prod(part.shape)))


def other_width(part: Part) -> Part:
    """Return a part of twice the rows, each half as long; or of two dimensions where one belongs."""
    shape = (2 * part.shape[0], part.shape[1] // 2) if len(part.shape) == 2 else (*part.shape, 1)
    size = math.prod(shape) * len(part.data) // math.prod(part.shape)
    return part._replace(shape=shape, data=bytes(size))


def no_dimension(part: Part) -> Part:
    """Return a part that is one number."""
    return part._replace(shape=(), data=bytes(len(part.data) // math.prod(part.shape)))


def other_dimensions(part: Part) -> Part:
    """Return a part of one dimension for one of two, and the other way round."""
    shape = (math.prod(part.shape),) if len(part.shape) == 2 else (0, math.prod(part.shape))
    return part._replace(shape=shape, data=part.data if len(part.shape) == 2 else b"")


@pytest.mark.parametrize("change", [other_type, other_width, no_dimension, other_dimensions])
@pytest.mark.parametrize("name", WANTED)
def test_part_of_another_kind_is_refused(header, container, name, change):
    parts = parts_of(container)
    part = parts[name] = change(parts[name])
    problem = f"{name} is {part.dtype} of shape {part.shape}, where {WANTED[name]} belongs"
    assert refusal(memoryview(write_packed(header, parts))) == f"{PATH}: {problem}; {RETRAIN}"


@pytest.mark.parametrize(("name", "size"), [("unit", 1), ("intercept", 16), ("pair_intercept", 5), ("pair_idf", 6)])
@pytest.mark.parametrize("more", [-1, 1])
def test_part_of_another_size_is_refused(header, container, name, size, more):
    parts = parts_of(container)
    parts[name] = Part("F32", (size + more,), np.ones(size + more, "f4").tobytes())
    content = memoryview(write_packed(header, parts))
    assert refusal(content) == f"{PATH}: {name} does not have {size} numbers; {RETRAIN}"


@pytest.mark.parametrize(
    "names", [["pair_idf"], ["pair_terms"], ["pair_weights", "pair_intercept"], ["roots", "traits"], ["phrases"]]
)
def test_missing_parts_are_named(header, container, names):
    parts = {name: part for name, part in parts_of(container).items() if name not in names}
    content = memoryview(write_packed(header, parts))
    assert refusal(content) == f"{PATH}: no tensor {', '.join(names)}; {RETRAIN}"


def test_pair_parts_may_all_lack(header, container):
    parts = {name: part for name, part in parts_of(container).items() if not name.startswith("pair")}
    assert read_packed(PATH, memoryview(write_packed(header, parts))).model.pairs is None


@pytest.mark.parametrize("version", range(1, FORMAT_VERSION + 1))
def test_format_of_kept_file_is_told(version):
    path = KEPT / f"format_{version}.safetensors"
    assert read_format_version(path) == version
    assert isinstance(read_model_file(path), PackedModel if version == FORMAT_VERSION else Model)


def test_pickle_has_no_format(tmp_path):
    path = tmp_path / "model.pkl"
    path.write_bytes(b"\x80\x04}.")
    assert read_format_version(path) is None


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\2\0\0\0\0\0\0\0{}", "a safetensors file, but not one of stance's"),
        (b"\3\0\0\0\0\0\0\0{}", "not a readable safetensors file (a header of 3 bytes in a file of 10)"),
    ],
)
def test_format_of_other_file_is_refused(tmp_path, content, problem):
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(ModelFormatError) as caught:
        read_format_version(path)
    assert str(caught.value) == f"{path}: {problem}; {RETRAIN}"


def test_parsed_header_is_the_metadata(header, container):
    assert parse_header(PATH, container.metadata) == header
