"""Chooses what scores the sentences: the native kernel, or its twin in Python, which says what it must come to."""

import os
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple, Protocol

from stance.container import RETRAIN
from stance.errors import ModelFormatError, StanceError
from stance.labels import first_faces
from stance.model_file import KERNEL_PARTS, PackedModel

try:
    from stance import _native
except ImportError:  # built without a compiler
    _native = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from stance.model import Model

VARIABLE = "STANCE_KERNEL"
"""The environment variable that asks for a kernel: "pure" or "native"."""

MOST_NATIVE_CLASSES = 256
"""Of the model, and of its lexicon; the native kernel keeps a table of the pairs of the latter."""

SPAN_SIZE = 16
"""Bytes of the start and end of a sentence in a text, two int64."""


class Columns(NamedTuple):
    """The scores of n sentences, as bytes: the likeliest class of the likeliest label (uint16), the probability of
    each label (n x labels, float64), and how many known terms they rest on (int64).
    """

    classes: bytes
    probabilities: bytes
    evidence: bytes


class Kernel(Protocol):
    """What scores sentences; its answers depend on nothing but the sentence."""

    def score(self, texts: tuple[str, ...], first: int, last: int, /) -> tuple[bytes, bytes, bytes]:
        """Return the columns of `texts[first:last]`. Raises TypeError, with the index, for what is not a string."""

    def score_spans(self, text: str, spans: bytes, first: int, last: int, /) -> tuple[bytes, bytes, bytes]:
        """Return the columns of `text[start:end]` for `spans` first to last, which are two int64 each.

        Raises ValueError for spans that are not there or not of the text.
        """

    def score_one(self, text: str, /) -> tuple[int, int, tuple[float, ...]]:
        """Return the likeliest class of a text, its known terms, and the probability of each label."""


def kernel_name() -> str:
    """Return which kernel scores: "native" or "pure". Raises StanceError for one that cannot be had."""
    wanted = os.environ.get(VARIABLE, "")
    if wanted not in ("", "native", "pure"):
        raise StanceError(f"{VARIABLE} is {wanted!r}; write 'native' or 'pure', or leave it empty")
    if wanted == "native" and _native is None:
        raise StanceError(f"{VARIABLE} is 'native', but stance was built without a C compiler; install one and again")
    return "native" if _native is not None and wanted != "pure" else "pure"


def native_module() -> ModuleType | None:
    """Return the native module if it is to be used. Raises StanceError for a kernel that cannot be had."""
    return _native if kernel_name() == "native" else None


def is_native(kernel: Kernel) -> bool:
    """Tell whether a kernel that was opened is the native one."""
    return _native is not None and isinstance(kernel, _native.Kernel)


def open_kernel(model: "PackedModel | Model") -> Kernel:
    """Return the kernel for a model.

    A model whose numbers no file of today can hold exactly, or with too many classes, gets the pure one.
    """
    if kernel_name() == "native":
        packed = _pack(model)
        if packed and max(len(packed.classes), len(packed.lexicon_classes)) <= MOST_NATIVE_CLASSES:
            return _open_native(packed)
    from stance.pure_kernel import PureKernel

    return PureKernel(model.model if isinstance(model, PackedModel) else model)


def _pack(model: "PackedModel | Model") -> PackedModel | None:
    """Return a model as its file holds it, None when no file can."""
    if isinstance(model, PackedModel):
        return model
    if not model.fits_file:
        return None
    from stance.model import pack

    return pack(model)


def _open_native(packed: PackedModel) -> Kernel:
    order = sorted(range(len(packed.classes)), key=lambda index: packed.classes[index].event or "")
    ranks = sorted(range(len(order)), key=order.__getitem__)
    try:
        return _native.Kernel(
            **{name: packed.parts[name].data for name in KERNEL_PARTS},
            labels=bytes(packed.labels.index(each.label) for each in packed.classes),
            faces=bytes(first_faces(packed.classes)),
            label_ranks=bytes(ranks),
            classes=packed.lexicon_classes,
            label_count=len(packed.labels),
            neutral=packed.neutral,
            names=packed.parts["terms"].data,
        )
    except ValueError as error:
        raise ModelFormatError(packed.path, f"damaged or incomplete ({error})", RETRAIN) from error
