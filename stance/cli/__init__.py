"""The command line: `stance predict`, `score`, `explain`, `train`, `evaluate` and `info`."""

import sys
from collections.abc import Sequence

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line (by default with the process's arguments) and return the exit status.

    0 is success, 1 a mistake in a file or a text, 2 a wrong option or argument, 130 an interruption, also of the
    imports that come first.
    """
    try:
        from stance.cli.application import run

        return run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except MemoryError:
        sys.stderr.write("stance: not enough memory\n")
        return 1
