"""The command line of `testbench/dc0`."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from testbench.checkout import CHECKOUT
from testbench.command_line import command_parser
from testbench.simulate.arguments import DEFAULT_SEED, burst_argument
from testbench.simulate.bursts import DC0_BURSTS

__all__ = ["Mode", "Options", "read_options"]

Mode = Literal["tasks", "automatic", "both"]


@dataclass(frozen=True, slots=True)
class Options:
    """Options of one run, checked."""

    mode: Mode
    """Who makes the tasks: the test (`tasks`), the daemon by itself (`automatic`), or both."""
    seed: int
    """Seed of the simulation."""
    bursts: tuple[str, ...]
    """Names of the bursts to play. Empty: all."""
    output: Path
    """Folder that gets a folder for this run."""
    keep: bool
    """Whether the daemon is left running."""
    json: Path | None
    """Where to write the report as JSON, besides the run's folder. None: only there."""
    junit: Path | None
    """Where to write the JUnit report. None: into the run's folder."""
    url: str
    """REST address of a daemon that runs already. Empty: start one."""
    nats: str
    """NATS server of that daemon. Empty: start a daemon."""


def read_options(arguments: Sequence[str] | None = None) -> Options:
    """Read the command line; exit with a message if it is invalid."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if bool(options.url) != bool(options.nats):
        parser.error("--url and --nats go together: a running daemon is driven by both")
    if options.url and options.keep:
        parser.error("--keep is for a daemon started here; one at --url is never stopped")
    return Options(
        mode=options.mode,
        seed=options.seed,
        bursts=tuple(dict.fromkeys(options.burst)),
        output=options.output.absolute(),
        keep=options.keep,
        json=options.json,
        junit=options.junit,
        url=options.url.rstrip("/"),
        nats=options.nats,
    )


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(
        "dc0",
        "Simulate DC-0, play it through a daemon, and print the acceptance table.",
        epilog="The exit status is 0 only if every step passed; steps that were skipped because "
        "the daemon at --url was not started here do not count.",
    )
    names = ", ".join(burst.name for burst in DC0_BURSTS)
    parser.add_argument(
        "--mode",
        choices=["tasks", "automatic", "both"],
        default="tasks",
        help="tasks: the test sends them (default); automatic: the test sends data only and the "
        "daemon creates the tasks; both: one after the other",
    )
    parser.add_argument("--seed", type=_seed, default=DEFAULT_SEED, help="default: %(default)s")
    parser.add_argument(
        "--burst",
        action="append",
        default=[],
        type=burst_argument,
        metavar="NAME",
        help=f"play only this burst; can be repeated ({names})",
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=CHECKOUT / ".dc0",
        metavar="DIR",
        help="where the folder of this run is created; default: .dc0 in the checkout",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report as JSON, too")
    parser.add_argument(
        "--junit", type=Path, metavar="FILE", help="default: junit.xml beside the products"
    )
    parser.add_argument(
        "--keep", action="store_true", help="leave the daemon running and print its address"
    )
    parser.add_argument(
        "--url", default="", help="use this running daemon (REST) and do not restart it"
    )
    parser.add_argument("--nats", default="", metavar="URL", help="NATS server of that daemon")
    return parser


def _seed(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number, 0 or more")
    return int(text)
