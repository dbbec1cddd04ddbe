"""`testbench/chaos`: inject faults into daemons at work; exit 0 if nothing is lost or doubled."""

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from testbench.command_line import command_parser

from .run import Course, Outcome, run

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    options = _parser().parse_args(arguments)
    course = Course(
        seed=options.seed,
        bursts=options.bursts,
        faults=options.faults,
        seconds=options.seconds,
        daemons=options.daemons,
    )
    print(f"seed {course.seed}: {course.bursts} bursts, {course.faults} faults", flush=True)
    with contextlib.ExitStack() as stack:
        folder = options.keep
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="eclgrmd-chaos-")))
        folder.mkdir(parents=True, exist_ok=True)
        outcome = asyncio.run(run(course, folder, lambda line: print(line, flush=True)))
    _print(outcome)
    return 0 if outcome.good else 1


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("chaos", __doc__)
    parser.add_argument(
        "--seed", type=int, default=int(time.time()), help="repeats the run with this seed"
    )
    parser.add_argument("--bursts", type=int, default=40, help="default: %(default)s")
    parser.add_argument("--faults", type=int, default=100, help="default: %(default)s")
    parser.add_argument(
        "--seconds", type=float, default=None, help="stop injecting faults after this time"
    )
    parser.add_argument(
        "--daemons",
        type=int,
        default=1,
        help="daemons that share one database and NATS (default: %(default)s)",
    )
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="folder in which everything is kept"
    )
    return parser


def _print(outcome: Outcome) -> None:
    for counted in (outcome.tally.faults, outcome.tally.disturbances):
        for what, times in sorted(counted.items()):
            print(f"{times:6d}  {what}")
    for log in outcome.tally.unexpected_ends:
        print(f"A daemon ended unexpectedly: {log}")
    for violation in outcome.violations[:50]:
        print(f"VIOLATION: {violation}")
    tally = outcome.tally
    print(
        f"{tally.total} faults, {tally.disturbances.total()} messages twice or out of order, "
        f"{tally.bursts} bursts, {len(tally.acknowledged_files)} files, "
        f"{len(tally.acknowledged_tasks)} tasks, {outcome.messages} announcements "
        f"({outcome.repeated} repeated under the same id), {outcome.elapsed_s:.0f} s"
    )
    print(
        "nothing lost, nothing doubled" if outcome.good else f"{len(outcome.violations)} violations"
    )


if __name__ == "__main__":
    sys.exit(main())
