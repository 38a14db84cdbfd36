"""The command line: `stance predict`, `score`, `explain`, `train`, `evaluate` and `info`."""

from stance.cli.application import main

__all__ = ["main"]
