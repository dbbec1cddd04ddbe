"""`testbench/cases`: analyse small inputs with known answers and print one table."""

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from testbench.checkout import SHARED_CASES
from testbench.command_line import command_parser

from .daemon import daemon_rows
from .expectation import Expectations, NoticeRun, Run, read_expectations
from .judge import Row, Verdict, judge
from .notices import notice_row
from .program import analyze, copied
from .several_runs import binned_blocks, other_data, two_at_once

__all__ = ["main"]

_WIDTH = 200
"""Width of the table, characters."""
_COLUMNS = {"case": 44, "kind": 28, "right": 50, "ours": 60, "verdict": 12}
"""Largest width of each column, characters."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all cases and return the exit status: 1 if any is wrong, 2 if there are none."""
    options = _parser().parse_args(arguments)
    screen = Console(stderr=True)
    if not options.cases.is_dir():
        screen.print(
            f"cases: folder {options.cases} does not exist: give --cases FOLDER", markup=False
        )
        return 2
    with tempfile.TemporaryDirectory(prefix="eclgrmd-cases-") as folder:
        works = list(_works(read_expectations(), options.cases, Path(folder), options.only))
        with ThreadPoolExecutor(options.jobs) as pool:
            done = pool.map(lambda work: work(), works)
            steps = track(done, "running", len(works), console=screen, transient=True)
            rows = [row for found in steps for row in found]
    _print_table(rows)
    if options.json:
        Path(options.json).write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
    if not rows:
        return 2
    return int(any(row.verdict.bad for row in rows))


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(
        "cases",
        "Run small inputs with known answers through the real program.",
        epilog="Exit status: 0 all right or plainly told, 1 some wrong or crashed, 2 no cases.",
    )
    parser.add_argument(
        "--cases", type=Path, default=SHARED_CASES, metavar="FOLDER", help="default: %(default)s"
    )
    parser.add_argument(
        "--only", default="", metavar="TEXT", help="only cases whose name starts with TEXT"
    )
    parser.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="number of runs at the same time"
    )
    parser.add_argument("--json", metavar="FILE", help="also write the table to this file")
    return parser


Work = Callable[[], list[Row]]


def _works(table: Expectations, origin: Path, folder: Path, only: str) -> Iterator[Work]:
    """Copy the cases and yield a function that runs each, in the order of their numbers."""
    cases = copied(origin, folder)
    works: list[tuple[str, Work]] = [
        (run.case, partial(_analysed, run, cases, folder / f"run{number}"))
        for number, run in enumerate(table.run)
    ]
    works += [("26_notices", partial(_notice, run, cases)) for run in table.notice]
    for name, row in (
        ("14_binned_blocks", binned_blocks),
        ("70_run_twice", two_at_once),
        ("70_run_twice", other_data),
    ):
        works.append((name, partial(_special, row, cases, folder)))
    works.append(("25_daemon", partial(daemon_rows, cases, folder)))
    for name, work in sorted(works, key=lambda each: each[0]):
        if name.startswith(only):
            yield work


def _analysed(run: Run, cases: Path, output: Path) -> list[Row]:
    return [judge(run, analyze(run, cases, output))]


def _notice(run: NoticeRun, cases: Path) -> list[Row]:
    return [notice_row(run, cases)]


def _special(row: Callable[[Path, Path], Row], cases: Path, folder: Path) -> list[Row]:
    return [row(cases, folder)]


def _print_table(rows: list[Row]) -> None:
    """Print the table and the number of each verdict."""
    table = Table(box=SIMPLE_HEAD, show_lines=False, pad_edge=False)
    for column, most in _COLUMNS.items():
        table.add_column(column, max_width=most, overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(value)) for value in asdict(row).values()))
    Console(width=_WIDTH, highlight=False).print(table)
    counts = Counter(row.verdict for row in rows)
    print(", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict]))


if __name__ == "__main__":
    sys.exit(main())
