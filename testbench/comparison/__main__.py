"""`testbench/compare`: analyse real bursts and compare with published values."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from statistics import median

import msgspec
from rich.console import Console
from rich.progress import track

from testbench.checkout import SHARED_DATA
from testbench.command_line import command_parser

from .case import Case, Reference
from .changes import moved_lines, read_rows
from .durations import COMPARED, duration_cases
from .references import ReferencesError, read_references
from .run import Row, compare
from .spectra import spectral_cases

__all__ = ["all_cases", "main"]


AGREEING_SIGMA = 3.0
"""Difference up to which a duration agrees with the published one, errors of both combined."""


def all_cases(references: Sequence[Reference], data: Path) -> tuple[list[Case], list[str]]:
    """Return the cases of all references, and why entries without a case have none."""
    cases: list[Case] = []
    left_out: list[str] = []
    for make in (spectral_cases, duration_cases):
        for reference in references:
            try:
                cases += make([reference], data)
            except OSError as error:
                left_out.append(f"{reference['id']}: {error}")
            except (KeyError, TypeError, ValueError) as error:
                what = f"has no {error}" if isinstance(error, KeyError) else str(error)
                left_out.append(f"{reference['id']}: the entry {what}")
    return cases, list(dict.fromkeys(left_out))


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare and return the exit status: 0 if every case ran, whatever its verdicts."""
    options = _parser().parse_args(arguments)
    progress = Console(stderr=True)
    try:
        references = read_references(options.references or options.data / "references.json")
        before = read_rows(options.before) if options.before else []
    except (ReferencesError, OSError, msgspec.DecodeError) as error:
        progress.print(f"compare: {error}", markup=False)
        return 2
    wanted = [entry for entry in references if not options.only or options.only in entry["id"]]
    cases, left_out = all_cases(wanted, options.data)
    rows = [
        row
        for case in track(cases, description="comparing", console=progress, transient=True)
        for row in compare(case)
    ]
    sys.stdout.writelines(f"{line}\n" for line in (*_lines(rows), "", *_totals(rows)))
    sys.stdout.writelines(f"left out: {line}\n" for line in left_out)
    if before:
        sys.stdout.writelines(f"{line}\n" for line in ("", *moved_lines(before, rows)))
    if options.json:
        Path(options.json).write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
    if not rows:
        return 2
    return int(bool(left_out) or any(row.missing for row in rows))


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(
        "compare",
        "Analyse real bursts and print our values and the published ones.",
        epilog="Exit status: 0 all entries ran, 1 some could not (they are named), 2 none could.",
    )
    parser.add_argument(
        "--data", type=Path, default=SHARED_DATA, metavar="DIR", help="folder of the data files"
    )
    parser.add_argument(
        "--references", type=Path, metavar="FILE", help="default: references.json in that folder"
    )
    parser.add_argument("--only", metavar="TEXT", help="only entries whose id contains TEXT")
    parser.add_argument("--json", metavar="FILE", help="also write all rows to this file")
    parser.add_argument(
        "--before",
        type=Path,
        metavar="FILE",
        help="list what changed since the run that wrote FILE with --json",
    )
    return parser


def _lines(rows: list[Row]) -> Iterator[str]:
    """Yield a line per value below a line per case, as plain text for terminals and reports."""
    columns = ("published", "ours", "ratio", "tolerance")
    yield f"{'':30}" + "".join(f"{column:>12}" for column in columns) + "  verdict"
    for case, group in groupby(rows, key=lambda row: row.case):
        values = list(group)
        yield f"{case}  ({values[0].authority})"
        yield from (_line(row) for row in values)
        if values[0].note:
            yield f"    {values[0].note}"
        if values[0].explanation:
            yield f"    why: {values[0].explanation}"


def _line(row: Row) -> str:
    ours = "-" if row.ours is None else f"{row.ours:.5g}"
    ratio = "-" if row.ours is None else f"{row.ours / row.published:.3f}" if row.published else "-"
    numbers = (f"{row.published:.5g}", ours, ratio, f"{row.tolerance:.3g}")
    columns = "".join(f"{number:>12}" for number in numbers)
    sigma = "" if row.sigma is None else f"; {row.sigma:.1f} sigma"
    return f"    {row.quantity:26}{columns}  {row.verdict} ({row.rule}{sigma})"


def _totals(rows: list[Row]) -> Iterator[str]:
    """Yield the number of values within tolerance and the median ratio of each duration."""
    yield f"{_within(rows)} of {len(rows)} values within their tolerance"
    for kind, what in COMPARED.items():
        of_kind = [row for row in rows if row.case.startswith(kind) and row.sigma is not None]
        if of_kind:
            yield f"{kind}: {what}"
        for quantity in dict.fromkeys(row.quantity for row in of_kind):
            yield _total(kind, [row for row in of_kind if row.quantity == quantity])


def _total(kind: str, rows: list[Row]) -> str:
    ratio = median(row.ours / row.published for row in rows if row.ours and row.published)
    agree = sum(row.sigma is not None and row.sigma <= AGREEING_SIGMA for row in rows)
    return (
        f"{kind} {rows[0].quantity}: {_within(rows)} of {len(rows)} within, {agree} within "
        f"{AGREEING_SIGMA:g} sigma of both errors, median ratio {ratio:.3f}"
    )


def _within(rows: list[Row]) -> int:
    return sum(row.verdict == "within" for row in rows)


if __name__ == "__main__":
    sys.exit(main())
