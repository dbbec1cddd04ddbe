"""`testbench/deliver`: deliver real Fermi-GBM bursts to a daemon as X-band data.

A simulated mission database serves the files of each burst of `references.json`. A data
notification by NATS names one of the files; no task is sent. The daemon queries the others, starts
the analyses that they allow, and announces the products, which are fetched and listed with the
published durations. Exit status 0 if every burst got all products that its files allow.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import msgspec
from rich.console import Console
from rich.table import Table

from eclgrmd.model.messages.incoming import DataNotification, FileLink
from eclgrmd.model.rest.bursts import Burst
from eclgrmd.model.task import TaskState
from testbench.checkout import CHECKOUT, SHARED_DATA
from testbench.command_line import command_parser
from testbench.daemon_process import DaemonProcess

from .address import Address
from .automatic import automatic_tasks, collect_task, settled
from .catalogue import describe_file
from .clients import NatsClient, RestClient
from .mission_database import MissionDatabase, running_mdb
from .sequence import TaskRecord

__all__ = ["Delivered", "RealBurst", "deliver", "main", "real_bursts"]

_ENDINGS = (
    *(".fit", ".fits", ".fit.gz", ".pha", ".pha.gz", ".txt"),
    *(".src", ".bkg", ".bak", ".rsp", ".rsp2"),
)
_SETTINGS = {
    "ECLGRMD_AUTOMATIC_DEBOUNCE_S": "2",
    "ECLGRMD_AUTOMATIC_JOINT_WAIT_S": "5",
}
_QUIET_S, _LIMIT_S = 8.0, 900.0
"""Quiet time, longer than the wait for a joint analysis; limit for one burst; both seconds."""


@dataclass(frozen=True, slots=True)
class RealBurst:
    """A burst with published values."""

    id: str
    """Name of the entry in `references.json`."""
    files: tuple[Path, ...]
    """Its data files."""
    t90_s: float | None
    """Published T90, seconds. None: not published."""
    t90_error_s: float | None
    """Error of the published T90, seconds."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """Result of the delivery of a burst."""

    burst: RealBurst
    """Burst that was delivered."""
    view: Burst
    """The burst as REST shows it."""
    records: tuple[TaskRecord, ...]
    """One record per task."""

    @property
    def problems(self) -> list[str]:
        """Problems, one sentence each (empty: none)."""
        found = [f"{r.task_id}: {r.reason}" for r in self.records if r.state != TaskState.DONE]
        found += [f"{p.name}: {p.problem}" for r in self.records for p in r.products if p.problem]
        return found if self.records else ["no product at all"]


def real_bursts(data: Path, *, population: bool = False) -> list[RealBurst]:
    """List the GBM bursts with full files, or the population of bursts with light curves alone.

    If several files have the same name, the first is used.
    """
    found = []
    for entry in msgspec.json.decode((data / "references.json").read_bytes()):
        paths = {p.name: p for name in reversed(entry["files"]) if (p := data / name).is_file()}
        files = tuple(p for p in paths.values() if p.name.endswith(_ENDINGS))
        wanted = entry["id"].startswith("gbm-pop-") == population
        if wanted and entry.get("set") == "A" and entry["id"].startswith("gbm-") and files:
            duration = entry.get("duration") or {}
            found.append(
                RealBurst(entry["id"], files, duration.get("t90"), duration.get("t90_err"))
            )
    return found


async def deliver(bursts: list[RealBurst], folder: Path) -> list[Delivered]:
    """Deliver all bursts to a new daemon and wait for its products."""
    mission = MissionDatabase({burst.id: burst.files for burst in bursts}, break_after=1_000_000)
    async with running_mdb(mission) as mdb, aiohttp.ClientSession() as session:
        settings = {**_SETTINGS, "ECLGRMD_MDB_URL": mdb.url}
        daemon = DaemonProcess(folder / "daemon", settings=settings, automatic=True)
        try:
            await daemon.start()
            address = Address(daemon.endpoints)
            nats = NatsClient(address)
            for burst in bursts:
                await nats.send(await asyncio.to_thread(_notification, burst, mdb.url))
            async with RestClient(address) as rest, asyncio.TaskGroup() as waiting:
                made = [
                    waiting.create_task(_made(b, rest, session, folder), name=b.id) for b in bursts
                ]
        finally:
            await daemon.stop()
    return [each.result() for each in made]


async def _made(
    burst: RealBurst, rest: RestClient, session: aiohttp.ClientSession, folder: Path
) -> Delivered:
    view = await settled(rest, burst.id, quiet_s=_QUIET_S, limit_s=_LIMIT_S)
    tasks = automatic_tasks(view, newest=True)
    records = [await collect_task(session, rest, t, folder / "products") for t in tasks]
    print(f"{burst.id}: {len(records)} analyses", file=sys.stderr, flush=True)
    return Delivered(burst, view, tuple(records))


def _notification(burst: RealBurst, url: str) -> DataNotification:
    file = describe_file(burst.files[0], burst.files[0].parent)
    link = FileLink(file.name, f"{url}/data/{burst.id}/{file.name}", file.size, file.sha256)
    return DataNotification(f"{burst.id}-x-band", burst.id, (link,))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    parser = command_parser("deliver", __doc__)
    parser.add_argument(
        "--data",
        type=Path,
        default=SHARED_DATA,
        help="folder of the data files; default: %(default)s",
    )
    parser.add_argument(
        "--burst",
        action="append",
        default=[],
        metavar="ID",
        help="deliver only this burst; can be repeated",
    )
    parser.add_argument(
        "--population",
        action="store_true",
        help="60 bursts with light curves only, instead of the full ones",
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=CHECKOUT / ".deliver",
        metavar="DIR",
        help="folder for the products; default: %(default)s",
    )
    options = parser.parse_args(arguments)
    if not (options.data / "references.json").exists():
        parser.error(f"{options.data}: contains no references.json")
    known = real_bursts(options.data, population=options.population)
    bursts = [b for b in known if not options.burst or b.id in options.burst]
    if not bursts:
        parser.error(f"no such burst (known are: {', '.join(b.id for b in known)})")
    found = asyncio.run(deliver(bursts, options.output.absolute()))
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(_table(found))
    for each in found:
        for unused in each.view.unused:
            console.print(f"{each.burst.id}: {unused.name} {unused.reason}", highlight=False)
        for problem in each.problems:
            console.print(f"{each.burst.id}: {problem}", highlight=False)
    console.print(f"Products: {options.output / 'products'}", highlight=False, soft_wrap=True)
    return 1 if any(each.problems for each in found) else 0


def _table(found: list[Delivered]) -> Table:
    grid = Table(title="Delivered by X-band, no task sent", title_justify="left")
    for name in ("Burst", "Files", "Analysis", "PROC_VER", "State", "T90 [s]", "Published [s]"):
        grid.add_column(name)
    for each in found:
        tasks = {t.id: t for t in each.view.tasks}
        for record in each.records:
            task = tasks[record.task_id]
            summary = task.summary or {}
            grid.add_row(
                each.burst.id,
                str(len(task.inputs)),
                task.series + (" (incomplete)" if task.incomplete else ""),
                str(task.proc_ver),
                task.state,
                _with_errors(
                    summary.get("t90_s"),
                    summary.get("t90_err_minus_s"),
                    summary.get("t90_err_plus_s"),
                ),
                _with_errors(each.burst.t90_s, each.burst.t90_error_s, each.burst.t90_error_s),
            )
        grid.add_section()
    return grid


def _with_errors(value: float | None, minus: float | None, plus: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" if minus is None else f"{value:.2f} -{minus:.2f} +{plus:.2f}"


if __name__ == "__main__":
    sys.exit(main())
