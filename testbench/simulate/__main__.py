"""`python -m testbench simulate --output DIR`: simulate DC-0 and list what was written."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from testbench.command_line import command_parser

from .arguments import DEFAULT_SEED, burst_argument
from .burst import Trap
from .bursts import DC0_BURSTS
from .delivery import Dc0, simulate_dc0

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status is 0."""
    options = _parser().parse_args(arguments)
    if options.list:
        _print_bursts()
        return 0
    started = time.monotonic()
    dc0 = simulate_dc0(
        options.output,
        options.seed,
        tuple(options.burst) or None,
        _progress,
        tuple(Trap(trap) for trap in options.traps),
    )
    _print_summary(dc0, time.monotonic() - started)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("simulate", __doc__)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "--output", type=Path, metavar="DIR", help="where to write one folder per burst"
    )
    where.add_argument("--list", action="store_true", help="list the bursts and exit")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="default: %(default)s")
    parser.add_argument(
        "--burst",
        nargs="+",
        default=[],
        type=burst_argument,
        metavar="NAME",
        help="simulate only these bursts",
    )
    parser.add_argument(
        "--traps", nargs="+", default=[], choices=[trap.value for trap in Trap],
        help="oddities of real files to simulate for every burst",
    )  # fmt: skip
    return parser


def _print_bursts() -> None:
    for burst in DC0_BURSTS:
        print(f"{burst.burst_id}  {burst.name:12}  {burst.story}")


def _progress(name: str, number: int, total: int) -> None:
    print(f"\r{number:3d}/{total}  {name:15}", end="", file=sys.stderr, flush=True)


def _print_summary(dc0: Dc0, elapsed_s: float) -> None:
    print(f"\r{'':30}\r", end="", file=sys.stderr)
    for burst in dc0.bursts:
        megabytes = sum(file.size for file in burst.files) / 1e6
        print(f"{burst.burst_id}  {burst.name:12}  {len(burst.files):2d} files {megabytes:6.1f} MB")
    total = sum(file.size for burst in dc0.bursts for file in burst.files) / 1e6
    print(f"{len(dc0.bursts)} bursts, {total:.0f} MB, {elapsed_s:.1f} s, in {dc0.folder}")


if __name__ == "__main__":
    sys.exit(main())
