"""The campaigns' trials: each has an outcome, and a crash, a hang or an error keeps the input that caused it."""

import os
import random
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from campaigns.trials import Plan, Report, replay, run_trials

ROOT = Path(__file__).parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


@dataclass(frozen=True)
class Numbers:
    """Trials whose input is their number; those listed go wrong."""

    raises: tuple[int, ...] = ()
    crashes: tuple[int, ...] = ()
    hangs: tuple[int, ...] = ()
    outcomes: tuple[str, ...] = ("even", "odd")
    suffix: str = ".number"

    def make(self, number: int, dice: random.Random) -> bytes:
        dice.random()
        return str(number).encode()

    def judge(self, content: bytes) -> str:
        number = int(content)
        if number in self.raises:
            raise ValueError("no good")
        if number in self.crashes:
            os.abort()
        if number in self.hangs:
            threading.Event().wait()
        return self.outcomes[number % 2]


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan(count=21, seconds=None, seed=0, jobs=2, kept=tmp_path / "kept", patience=2.0)


def kept(plan: Plan) -> list[str]:
    return sorted(path.name for path in plan.kept.glob("*")) if plan.kept.exists() else []


def test_each_trial_is_made_once(plan):
    report = run_trials(Numbers(), plan)
    assert report.counts == {"even": 11, "odd": 10, "exception": 0, "crash": 0, "hang": 0}
    assert (report.trials, report.failures, kept(plan)) == (21, 0, [])


def test_failures_are_counted_and_kept(plan):
    report = run_trials(Numbers(raises=(2,), crashes=(3, 20), hangs=(4,)), plan)
    assert report.counts == {"even": 8, "odd": 9, "exception": 1, "crash": 2, "hang": 1}
    assert kept(plan) == ["2.number", "2.txt", "20.number", "20.txt", "3.number", "3.txt", "4.number", "4.txt"]
    assert (plan.kept / "2.txt").read_text().endswith("ValueError: no good\n")
    assert (plan.kept / "3.txt").read_text() == "crash"
    assert replay(Numbers(), plan.kept / "3.number") == "odd"


def test_alike_failures_are_kept_in_part(plan):
    report = run_trials(Numbers(raises=tuple(range(21))), plan)
    assert report.counts["exception"] == 21
    assert len(kept(plan)) == 2 * 3 * plan.jobs


ENDLESS = """
from pathlib import Path
from campaigns.trials import Plan, run_trials

class Endless:
    outcomes, suffix = ("done",), ""
    def make(self, number, dice):
        return b""
    def judge(self, content):
        print("at work", flush=True)
        return "done"

if __name__ == "__main__":
    run_trials(Endless(), Plan(None, 120.0, 0, 1, Path("kept")))
"""


def test_processes_end_with_killed_campaign(tmp_path):
    script = tmp_path / "endless.py"
    script.write_text(ENDLESS)
    with subprocess.Popen([sys.executable, script], cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE) as campaign:
        assert campaign.stdout
        assert campaign.stdout.readline() == b"at work\n"
        campaign.kill()
        campaign.communicate(timeout=60)  # its processes have the pipe open as long as they are there


def test_report_says_counts_and_rate():
    report = Report({"refused": 3000, "exception": 0, "crash": 1, "hang": 0}, 2.0)
    assert str(report) == "3,001 trials in 2 s (1,500 a second): 3,000 refused, 0 exception, 1 crash, 0 hang"
