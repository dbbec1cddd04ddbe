"""`testbench/compare`: real bursts, burst by burst."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.progress import track
from rich.table import Table

from .case import Case
from .durations import duration_cases
from .run import Row, compare
from .spectra import spectral_cases

__all__ = ["all_cases", "main"]

STYLES = {"within": "green", "off": "yellow", "failed": "red"}
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def all_cases(data: Path) -> list[Case]:
    """Make every case of the references in a folder of real data."""
    references = json.loads((data / "references.json").read_bytes())
    return [*spectral_cases(references, data), *duration_cases(references, data)]


def main(argv: Sequence[str] | None = None) -> int:
    """Compare and give the exit status: 0 when every case ran, whatever its verdicts."""
    args = _parser().parse_args(argv)
    screen, progress = Console(), Console(stderr=True)
    if not (args.data / "references.json").exists():
        progress.print(f"compare: no references.json in {args.data}", markup=False)
        return 2
    cases = [case for case in all_cases(args.data) if not args.only or args.only in case.name]
    rows = [
        row
        for case in track(cases, description="comparing", console=progress, transient=True)
        for row in compare(case)
    ]
    screen.print(_table(rows))
    screen.print(*_totals(rows), sep="\n", highlight=False)
    if args.json:
        Path(args.json).write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
    return 0 if rows else 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="testbench/compare",
        description="Analyse real bursts and print our values beside the published ones.",
    )
    parser.add_argument(
        "--data", type=Path, default=DATA, metavar="DIR", help="folder with references.json"
    )
    parser.add_argument("--only", metavar="TEXT", help="only cases with this in their name")
    parser.add_argument("--json", metavar="FILE", help="write all rows there too")
    return parser


def _table(rows: list[Row]) -> Table:
    table = Table(title="Real bursts: ours beside the published value", title_justify="left")
    for name in ("case", "quantity"):
        table.add_column(name, overflow="fold")
    for name in ("published", "ours", "ratio", "tolerance"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("note", overflow="fold")
    previous = ""
    for row in rows:
        if row.case != previous:
            table.add_section()
        table.add_row(
            "" if row.case == previous else row.case,
            row.quantity,
            f"{row.published:.5g}",
            "-" if row.ours is None else f"{row.ours:.5g}",
            "-" if not row.ours else f"{row.ours / row.published:.3f}",
            f"{row.tolerance:.3g}",
            f"[{STYLES[row.verdict]}]{row.verdict}[/]",
            "" if row.case == previous else row.note,
        )
        previous = row.case
    return table


def _totals(rows: list[Row]) -> list[str]:
    """Count verdicts, and give the median ratio of T90 and T50 per kind of entry."""
    lines = [f"{_within(rows)} of {len(rows)} values within their tolerance"]
    for kind in ("gbm-bn", "gbm-pop", "bat-lc", "batse"):
        for quantity in ("T90", "T50"):
            chosen = [row for row in rows if row.case.startswith(kind) and row.quantity == quantity]
            ratios = [row.ours / row.published for row in chosen if row.ours]
            if ratios:
                lines.append(
                    f"{kind} {quantity}: {_within(chosen)} of {len(chosen)} within, "
                    f"median ratio {median(ratios):.3f}"
                )
    return lines


def _within(rows: list[Row]) -> int:
    return sum(row.verdict == "within" for row in rows)


if __name__ == "__main__":
    sys.exit(main())
