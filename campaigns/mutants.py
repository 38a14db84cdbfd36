"""Mutation testing: python -m campaigns.mutants [MODULE ...] changes the code in ways that some test must notice.

mutmut does it, as `[tool.mutmut]` in pyproject.toml says, in the folder `mutants`. It leaves alone what has a
decorator, so `open_input` and `open_atomically`, and what stands outside functions.
"""

import argparse
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

FOLDER = Path("mutants")
MODULES = ("container", "model", "model_file", "reading", "writing")
FEWEST_KILLED = 0.85
KILLED = frozenset({"killed", "timeout", "segfault", "caught by type check"})

_RESULT = re.compile(r"\s*stance\.(\w+)\.(\S+): (.+)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Mutate modules; return 0 when enough mutants of each are killed, else 1."""
    modules = _parse(arguments).modules or MODULES
    shutil.rmtree(FOLDER, ignore_errors=True)
    mutmut = [sys.executable, "-m", "mutmut"]
    subprocess.run([*mutmut, "run", *(f"stance.{module}.*" for module in modules)], stdout=subprocess.DEVNULL)
    shown = subprocess.run([*mutmut, "results", "--all", "true"], stdout=subprocess.PIPE, text=True, check=True).stdout
    results = {module: found for module, found in read_results(shown.splitlines()).items() if module in modules}
    failures = [module for module in modules if killed_share(results.get(module, {})) < FEWEST_KILLED]
    for module in modules:
        found = results.get(module, {})
        print(f"{module}: {killed_share(found):.0%} of {len(found):,} mutants killed")
        print(*(f"  {name}: {state}" for name, state in found.items() if state not in KILLED), sep="\n")
    print(f"mutants: {sum(map(len, results.values())):,} mutants, {len(failures):,} failures")
    return 1 if failures else 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m campaigns.mutants", description="Mutation testing.")
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=", ".join(MODULES))
    return parser.parse_args(arguments)


def read_results(lines: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return what became of each mutant, by module and name, from the lines of `mutmut results`."""
    found: dict[str, dict[str, str]] = {}
    for match in filter(None, map(_RESULT.fullmatch, lines)):
        module, name, state = match.groups()
        found.setdefault(module, {})[name] = state
    return found


def killed_share(states: Mapping[str, str]) -> float:
    """Return the share of mutants that a test noticed; 0 for none at all."""
    counts = Counter(state in KILLED for state in states.values())
    return counts[True] / max(1, counts.total())


if __name__ == "__main__":
    sys.exit(main())
