"""``make bench``: how the product compares with the least it could cost, as ratios measured in one run.

    ./manage.py run --durable -- python -m tests.tools.bench [--only cells,grid,papers] [--rounds 10]

Both sides of every ratio alternate (A B A B …), so that a busy machine slows both; median and spread are printed,
nothing is asserted. The servers are throw-away ones, the web process is the demo's own command. docs/performance.md
tells what the figures mean.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
PARTS = ("cells", "grid", "papers")


@dataclass(frozen=True)
class Ratio:
    """One goal: the ratio of each round, and the figures behind it."""

    name: str
    goal: str
    aim: str
    at_least: bool
    limit: float
    rounds: tuple[float, ...]
    figures: str

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    @property
    def met(self) -> bool:
        return self.median >= self.limit if self.at_least else self.median <= self.limit

    def row(self) -> str:
        spread = f"{min(self.rounds):.2f} - {max(self.rounds):.2f}"
        return (
            f"| {self.name} | {self.median:.2f} | {spread} | {self.goal}{f' ({self.aim})' if self.aim else ''} |"
            f" {'yes' if self.met else 'no'} | {self.figures} |"
        )


def middle(values: Sequence[float], digits: int = 0) -> str:
    return f"{statistics.median(values):.{digits}f}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas: " + ", ".join(PARTS))
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=1.5, help="how long one side of a cells round lasts")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    wanted = parser.parse_args()
    parts = [p for p in wanted.only.split(",") if p]
    if not os.environ.get("THIDUA_TEST_DB"):
        print("Run this as: ./manage.py run --durable -- python -m tests.tools.bench", file=sys.stderr)
        return 2
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench_app.settings"

    from tests.tools import bench_database

    started = time.monotonic()
    with bench_database.own_database():
        import django

        django.setup()
        from tests.tools import bench_papers, bench_web

        ratios: list[Ratio] = []
        if {"cells", "grid"} & set(parts):
            ratios += bench_web.measure(parts, rounds=wanted.rounds, seconds=wanted.seconds)
        if "papers" in parts:
            ratios += bench_papers.measure(rounds=wanted.rounds)
    load = " ".join(f"{n:.1f}" for n in os.getloadavg())
    print(f"\n{os.cpu_count()} cores, load {load}, {time.monotonic() - started:.0f} s\n")
    print("| measured | median | spread | goal | met | figures |\n|---|---|---|---|---|---|")
    for ratio in ratios:
        print(ratio.row())
    if wanted.json:
        wanted.json.write_text(json.dumps([ratio.__dict__ for ratio in ratios], indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
