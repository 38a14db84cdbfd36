"""Runs one command and prints its wall seconds, its peak memory in KiB and its exit status.

A process is charged with the peak memory of the one it was started from, so this one stays smaller than any Python
that is measured: it is run with -S, and imports nothing but what the interpreter has loaded anyway.
"""

import os
import sys
import time

KIB = 1 / 1024 if sys.platform == "darwin" else 1
"""macOS counts in bytes, other systems in KiB."""


def main() -> None:
    command = sys.argv[1:]
    start = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ)
    _, status, usage = os.wait4(child, 0)
    print(time.perf_counter() - start, int(usage.ru_maxrss * KIB), os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
