"""Training a model on your own labels, and measuring one. Needs the extra 'train'."""

import sys

from stance.errors import MissingExtraError

_PACKAGES = {"joblib", "scipy", "sklearn", "threadpoolctl", "tqdm"}

try:
    from stance.training.assess import evaluate
    from stance.training.checks import Findings
    from stance.training.data import Columns, Example, read_examples
    from stance.training.fit import Settings
    from stance.training.held_out import HeldOut
    from stance.training.report import Report, write_report
    from stance.training.train import Trained, train
except ModuleNotFoundError as error:
    if (error.name or "").split(".")[0] not in _PACKAGES:
        raise
    missing = MissingExtraError("train", "training")
    if sys.argv[:1] == ["-m"]:  # `python -m stance.training` imports this before its __main__ could catch anything
        sys.exit(f"error: {missing}")
    raise missing from error

__all__ = [
    "Columns",
    "Example",
    "Findings",
    "HeldOut",
    "Report",
    "Settings",
    "Trained",
    "evaluate",
    "read_examples",
    "train",
    "write_report",
]
