"""Common part of the studies: one record per burst, so that they can be resumed."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from testbench.command_line import command_parser

__all__ = ["Record", "known_records", "run_study"]

Record = dict[str, float | None]
_PROGRESS_EVERY = 20
"""Bursts between two progress messages."""


def run_study(
    command: str,
    documentation: str | None,
    output: Path,
    bursts: int,
    measure_one: Callable[[int], Record],
    table: Callable[[list[Record]], str],
    arguments: Sequence[str] | None = None,
) -> None:
    """Read the command line, measure the missing bursts and print the table.

    Parameters
    ----------
    command, documentation
        Name of the command and docstring of its module, for `--help`.
    output, bursts
        Default file of records and default number of bursts.
    measure_one
        Simulates and measures the burst of a seed; its record includes the `seed`.
    table
        Formats the records as text.
    arguments
        Command line; None: that of the process.
    """
    parser = command_parser(command, documentation)
    parser.add_argument(
        "--bursts", type=int, default=bursts, help="number of bursts; default: %(default)s"
    )
    parser.add_argument("--first", type=int, default=0, help="seed of the first burst; default: 0")
    parser.add_argument(
        "--output", type=Path, default=output, help="file of records; default: %(default)s"
    )
    parser.add_argument(
        "--table", action="store_true", help="only print the table of existing records"
    )
    options = parser.parse_args(arguments)
    if not options.table:
        seeds = range(options.first, options.first + options.bursts)
        _measure_missing(seeds, options.output, measure_one)
    print(table(known_records(options.output)))


def known_records(path: Path) -> list[Record]:
    """Return the existing records; an incomplete last line is ignored."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines() if line.endswith("}")]


def _measure_missing(
    seeds: Iterable[int], path: Path, measure_one: Callable[[int], Record]
) -> None:
    known = {int(r["seed"] or 0) for r in known_records(path)}
    todo = [seed for seed in seeds if seed not in known]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as output:
        for k, seed in enumerate(todo, start=1):
            output.write(json.dumps(measure_one(seed)) + "\n")
            output.flush()
            if k % _PROGRESS_EVERY == 0 or k == len(todo):
                print(f"\r{k} of {len(todo)} bursts", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
