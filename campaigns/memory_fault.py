"""Runs the command line with memory running out in a function of stance, for campaigns/faults.py.

`python -m campaigns.memory_fault AT LOG ARGUMENTS...` raises MemoryError at the AT-th call of a function of stance or
its training (0: never) and writes to LOG the number of the first call of each such function.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from stance.cli import main

_ROOTS = (str(Path(sys.modules["stance"].__path__[0])), str(Path(__file__).parents[1] / "training"))


def run(at: int, log: Path, arguments: Sequence[str]) -> int:
    """Run the command line so and return its exit status."""
    first: dict[str, int] = {}
    seen = 0

    def follow(frame: FrameType, _event: str, _argument: object) -> None:
        nonlocal seen
        code = frame.f_code
        if code is main.__code__ or not code.co_filename.startswith(_ROOTS):
            return
        seen += 1
        first.setdefault(f"{code.co_filename}:{code.co_firstlineno}", seen)
        if seen == at:
            raise MemoryError

    sys.settrace(follow)
    status = main(arguments)
    sys.settrace(None)
    log.write_text(json.dumps(sorted(first.values())), encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.exit(run(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
