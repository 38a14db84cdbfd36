"""The model file: what it must hold, and how a model is taken out of it without running any code of it.

From format 3 on each part has its SHA-256 in the header, and the last part, `header_sha256`, is that of the header:
a file that was cut off or changed anywhere is refused. The digests are no signature; `load(path, sha256=...)` is.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stance.container import (
    RETRAIN,
    Container,
    Part,
    join,
    looks_like_safetensors,
    parse_container,
    read_content,
    write_header,
)
from stance.errors import ModelFormatError
from stance.labels import EventClass, Label, as_label
from stance.versions import FORMAT_VERSION, PAIR_TERMS_VERSION, READABLE_FORMATS, READABLE_TERMS, TERMS_VERSION

if TYPE_CHECKING:  # numpy comes along, which a prediction does without
    from stance.model import Model

METADATA_KEY = "stance"
HEADER_DIGEST = "header_sha256"
DEEPEST = 20
"""How deep the header may be nested, so that whoever walks through it cannot run out of stack."""

KERNEL_PARTS = ("table", "nodes", "phrases", "edges", "roots", "traits", "weights", "unit", "intercept")
PARTS = (*KERNEL_PARTS, "idf", "terms", "lexicon")
PAIR_PARTS = ("pair_terms", "pair_idf", "pair_weights", "pair_intercept")
DTYPES = {
    "table": "U32",
    "nodes": "I32",
    "phrases": "I32",
    "edges": "I32",
    "roots": "I32",
    "traits": "U8",
    "weights": "I8",
    "unit": "F32",
    "intercept": "F32",
    "idf": "F32",
    "terms": "U8",
    "lexicon": "U8",
    "pair_terms": "U8",
    "pair_idf": "F32",
    "pair_weights": "F16",
    "pair_intercept": "F32",
}

COLUMNS = {"table": 8, "nodes": 4, "phrases": 4, "edges": 2, "pair_weights": 5}

LexiconClass = tuple[str, int, int]


@dataclass(frozen=True, eq=False)
class PackedModel:
    """A model as its file holds it: read, checked, and not yet taken apart.

    `lexicon_classes` are name, valence and traits of each (`stance/packing.py`).
    """

    path: Path
    labels: tuple[str, ...]
    classes: tuple[EventClass, ...]
    lexicon_classes: tuple[LexiconClass, ...]
    parts: dict[str, Part]
    information: dict[str, Any]

    @cached_property
    def model(self) -> "Model":
        """The model with its terms by name. Raises ModelFormatError where the parts do not fit each other."""
        from stance.model import unpack

        try:
            return unpack(self)
        except (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError) as error:
            raise ModelFormatError(self.path, f"damaged or incomplete ({error})", RETRAIN) from error

    @property
    def neutral(self) -> int:
        """The index of the label that a sentence without a known term gets, -1 when the model lacks it."""
        return self.labels.index(Label.NEUTRAL) if Label.NEUTRAL in self.labels else -1

    def to_bytes(self) -> bytes:
        """Return the content of a model file; equal models give equal bytes."""
        header = {
            "labels": list(self.labels),
            "classes": [[each.label, each.event] for each in self.classes],
            "lexicon_classes": [list(each) for each in self.lexicon_classes],
            "information": self.information,
        }
        return write_packed(header, self.parts)

    def __reduce__(self) -> tuple[Callable[[Path, bytes], "PackedModel | Model"], tuple[Path, bytes]]:
        return _read_copy, (self.path, self.to_bytes())


def read_packed(path: Path, content: memoryview) -> "PackedModel | Model":
    """Take a model out of the content of its file; one of an old format comes taken apart.

    Raises ModelFormatError when the file is not a model that this version can use.
    """
    container = parse_container(path, content)
    header = parse_header(path, container.metadata)
    check_names(path, header)
    if header["format_version"] < FORMAT_VERSION:
        from stance.old_formats import read_old_model

        return read_old_model(path, header, container)
    check_digests(path, header, container)
    parts = {name: part for name, part in container.parts.items() if name != HEADER_DIGEST}
    check_parts(path, parts, len(header["classes"]))
    return PackedModel(
        path,
        tuple(as_label(name) for name in header["labels"]),
        tuple(EventClass(as_label(label), event) for label, event in header["classes"]),
        tuple((name, valence, traits) for name, valence, traits in header["lexicon_classes"]),
        parts,
        header["information"],
    )


def _read_copy(path: Path, content: bytes) -> "PackedModel | Model":
    """Take a model out of a pickle, which holds the content of a model file; it is checked like one."""
    return read_packed(path, memoryview(content))


def write_packed(header: dict[str, Any], parts: dict[str, Part]) -> bytes:
    """Return the content of a model file; equal models give equal bytes. Versions and digests are added here."""
    header = {
        "format_version": FORMAT_VERSION,
        "terms_version": TERMS_VERSION,
        "pair_terms_version": PAIR_TERMS_VERSION,
        **header,
        "sha256": {name: sha256(part.data).hexdigest() for name, part in parts.items()},
    }
    metadata = {METADATA_KEY: json.dumps(header, sort_keys=True)}
    digest = Part("U8", (32,), bytes(32))
    start = write_header(metadata, {**parts, HEADER_DIGEST: digest})
    return join(start, [*parts.values(), digest._replace(data=sha256(start).digest())])


def parse_header(path: Path, metadata: dict[str, str]) -> dict[str, Any]:
    """Return what a model file says of itself, its versions checked."""
    text = metadata.get(METADATA_KEY)
    if text is None:
        raise ModelFormatError(path, "a safetensors file, but not one of stance's", RETRAIN)
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelFormatError(path, f"metadata '{METADATA_KEY}' is not JSON ({error})", RETRAIN) from error
    if not isinstance(header, dict):
        raise ModelFormatError(path, f"metadata '{METADATA_KEY}' is not a JSON object", RETRAIN)
    refuse(path, {f"metadata '{METADATA_KEY}' is nested more than {DEEPEST} deep": not _is_shallow(header)})
    _check_versions(path, header)
    return header


def _is_shallow(header: dict[str, Any]) -> bool:
    level: list[Any] = [header]
    for _ in range(DEEPEST):
        inner = [each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list)]
        level = list(chain.from_iterable(inner))
    return not any(isinstance(each, dict | list) for each in level)


def _check_versions(path: Path, header: dict[str, Any]) -> None:
    version = header.get("format_version")
    if not _is_one_of(version, READABLE_FORMATS):
        newer = type(version) is int and version > FORMAT_VERSION
        remedy = "pip install --upgrade stance-classifier" if newer else RETRAIN
        raise ModelFormatError(path, f"format version {version}, this version reads {_list(READABLE_FORMATS)}", remedy)
    for name in ("terms", "pair terms"):
        found = header.get(f"{name.replace(' ', '_')}_version", 1 if name == "pair terms" else None)
        if not _is_one_of(found, READABLE_TERMS):
            raise ModelFormatError(path, f"{name} version {found}, this version knows {_list(READABLE_TERMS)}", RETRAIN)


def _is_one_of(value: object, numbers: tuple[int, ...]) -> bool:
    """Tell whether a value is one of these numbers, which true and 1.0 are not."""
    return type(value) is int and value in numbers


def _list(numbers: tuple[int, ...]) -> str:
    return f"{', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def check_names(path: Path, header: dict[str, Any]) -> None:
    """Check labels, classes and information of a header."""
    labels, classes = header.get("labels"), header.get("classes")
    problems = {
        "labels are not a list of 2 or more different printable strings": not _are_labels(labels),
        "classes are not a list of [label, event] pairs": not _are_classes(classes),
        "information is not a JSON object": not isinstance(header.get("information"), dict),
    }
    refuse(path, problems)
    unmatched = {label for label, _ in classes or ()} != set(labels or ())
    refuse(path, {"a class of an unknown label, or a label without a class": unmatched})


def _are_labels(values: object) -> bool:
    if not isinstance(values, list) or not all(map(_is_name, values)):
        return False
    return len(values) >= 2 and len(set(values)) == len(values)


def _are_classes(values: object) -> bool:
    if not isinstance(values, list) or not all(map(_is_class, values)):
        return False
    return len(values) >= 1


def _is_class(value: object) -> bool:
    if not isinstance(value, list) or len(value) != 2:
        return False
    label, event = value
    return _is_name(label) and (event is None or _is_name(event))


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value != "" and value.isprintable()


def _is_lexicon_class(value: object) -> bool:
    if not isinstance(value, list) or len(value) != 3:
        return False
    name, valence, traits = value
    return isinstance(name, str) and _is_one_of(valence, (-1, 0, 1)) and _is_one_of(traits, tuple(range(16)))


def check_digests(path: Path, header: dict[str, Any], container: Container) -> None:
    """Check that the header and the parts are what their digests say."""
    expected = container.parts.get(HEADER_DIGEST)
    found = sha256(container.content[: container.header]).digest()
    refuse(path, {"the header does not match its SHA-256": expected is None or bytes(expected.data) != found})
    digests = header.get("sha256")
    if not isinstance(digests, dict):
        raise ModelFormatError(path, "sha256 is not a JSON object", RETRAIN)
    for name, part in container.parts.items():
        if name != HEADER_DIGEST and sha256(part.data).hexdigest() != digests.get(name):
            raise ModelFormatError(path, f"{name} does not match its SHA-256", RETRAIN)
    classes = header.get("lexicon_classes")
    known = isinstance(classes, list) and all(map(_is_lexicon_class, classes))
    refuse(path, {"lexicon_classes are not a list of [name, valence, traits]": not known})


def check_parts(path: Path, parts: dict[str, Part], classes: int) -> None:
    """Check that the parts of a model of so many classes are there and of the right type and shape.

    What is in them is checked where it is used.
    """
    expected = (*PARTS, *PAIR_PARTS) if not set(parts).isdisjoint(PAIR_PARTS) else PARTS
    missing = [name for name in expected if name not in parts]
    unknown = sorted(set(parts).difference(expected))
    refuse(
        path,
        {f"no tensor {', '.join(missing)}": bool(missing), f"unknown tensor {', '.join(unknown)}": bool(unknown)},
    )
    for name in expected:
        columns = classes if name == "weights" else COLUMNS.get(name)
        wanted = f"{DTYPES[name]} of {1 if columns is None else 2} dimensions" + (
            f", {columns} wide" if columns else ""
        )
        found = parts[name].dtype, len(parts[name].shape), parts[name].shape[-1:]
        if found[:2] != (DTYPES[name], 1 if columns is None else 2) or (columns and found[2] != (columns,)):
            raise ModelFormatError(
                path, f"{name} is {parts[name].dtype} of shape {parts[name].shape}, where {wanted} belongs", RETRAIN
            )
    sizes = {"unit": (1, parts["unit"]), "intercept": (classes, parts["intercept"])}
    if "pair_idf" in parts:
        sizes["pair_intercept"] = (COLUMNS["pair_weights"], parts["pair_intercept"])
        sizes["pair_idf"] = (parts["pair_weights"].shape[0], parts["pair_idf"])
    refuse(
        path, {f"{name} does not have {size} numbers": part.shape != (size,) for name, (size, part) in sizes.items()}
    )


def refuse(path: Path, problems: dict[str, bool]) -> None:
    """Raise ModelFormatError for the first problem that was found."""
    for problem, found in problems.items():
        if found:
            raise ModelFormatError(path, problem, RETRAIN)


def read_format_version(path: Path) -> int | None:
    """Read the version of a model file's format, None for a pickle. Raises ModelFormatError as `read_packed` does."""
    content = read_content(path)
    if not looks_like_safetensors(content):
        return None
    version: int = parse_header(path, parse_container(path, content).metadata)["format_version"]
    return version


def read_model_file(path: Path) -> "PackedModel | Model":
    """Read a model file: see `read_packed`."""
    return read_packed(path, read_content(path))
