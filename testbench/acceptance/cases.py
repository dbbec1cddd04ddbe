"""The test cases in their order, with the steps of each."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import aiohttp
import msgspec

from eclgrmd.products.result import result_schema
from eclgrmd.tasks.planner import JOINT
from testbench.acceptance.report.progress import Display
from testbench.acceptance.report.table import StepSkippedError, Table, require
from testbench.acceptance.steps import availability, computing, logs, reruns, validating
from testbench.acceptance.steps.automatic import AutomaticProducts
from testbench.acceptance.steps.client_load import Load
from testbench.acceptance.steps.malformed import malformed_answered
from testbench.acceptance.steps.restart import PowerCut, SmoothStop
from testbench.daemon_process import DaemonProcess
from testbench.simulate.delivery import Dc0
from testbench.tts.address import Address
from testbench.tts.clients import NatsClient, RestClient
from testbench.tts.orders import Orders
from testbench.tts.sequence import SequenceRequest, SequenceView, TaskRecord
from testbench.tts.service import TtsService

from .dc0_catalogue import REPLAY
from .options import Mode

__all__ = ["Cases"]

_NOT_OURS = "a daemon that was not started by this test is not restarted"
_AGAIN = "again"
_KILLED = "killed"
_LIMIT_S = 600.0
"""Longest time from sending a task to its end, seconds; generous, for slow or busy machines."""
_REPLAYED = 4
"""Number of bursts that are played again across a stop, and across a kill."""


class Cases:
    """The test cases, to be run against one daemon."""

    def __init__(
        self,
        table: Table,
        display: Display,
        dc0: Dc0,
        address: Address,
        tts: TtsService,
        session: aiohttp.ClientSession,
        rest: RestClient,
        daemon: DaemonProcess | None,
        run_tag: str,
        *,
        output: Path,
    ) -> None:
        self._table = table
        self._display = display
        self._dc0 = dc0
        self._tts = tts
        self._watch = tts.watch
        self._daemon = daemon
        self._rest = rest
        self._nats = NatsClient(address)
        self._orders = Orders(session, tts.url)
        self._base_url = getattr(address.find(), "rest", "")
        self._ids = tuple(f"{burst.burst_id}{run_tag}" for burst in dc0.bursts)
        self.run_tag = run_tag
        """Suffix of every burst id in this run."""
        self._automatic = AutomaticProducts(dc0, self._rest, tts.watch, session, output, run_tag)
        self.records: tuple[TaskRecord, ...] = ()
        """One record for each task of the main sequence."""

    async def all(self, mode: Mode) -> None:
        """Run the test cases of a mode; cases that send tasks only where the mode sends tasks."""
        await self._ready()
        await self._available()
        if mode == "automatic":
            await self._sent_alone()
        else:
            await self._computed()
        if mode != "tasks":
            await self._appeared()
        await self._logged()
        if mode != "automatic":
            await self._stopped()
            await self._killed()

    async def _ready(self) -> None:
        case = "FSC-2041"
        self._display.phase("service is ready")
        await self._step(case, "ServiceStatus is seen on activity.eclgrm", self._status_seen)
        await self._step(
            case,
            "ServiceStatus has the founding form",
            partial(availability.status_form, self._watch),
        )

    async def _status_seen(self) -> str:
        seen = await availability.status_seen(self._watch)
        return f"{seen.message.info!r}, {seen.message.date}"

    async def _available(self) -> None:
        case = "FSC-1585"
        log = None if self._daemon is None else self._daemon.log
        self._display.phase("availability")
        await self._step(case, "service by REST", partial(availability.health, self._rest))
        await self._step(case, "service by NATS", partial(availability.nats_ping, self._nats))
        await self._step(case, "logging", partial(availability.logging, self._rest, log))
        await self._step(case, "workers", partial(availability.workers, self._rest))

    async def _computed(self) -> None:
        case = "FSC-1588"
        self._display.phase("data in, products out")
        request = SequenceRequest(bursts=self._ids, twice=True, limit_s=_LIMIT_S)
        view = await self._played(request)
        self.records = view.tasks
        steps: tuple[tuple[str, Callable[[], Awaitable[str]]], ...] = (
            ("send input files by NATS", partial(computing.files_sent, view, "nats")),
            ("send input files by REST", partial(computing.files_sent, view, "rest")),
            ("send calibration data", partial(computing.calibration_sent, view, self._rest)),
            ("send tasks by NATS and REST", partial(computing.tasks_sent, view)),
            (
                "a task sent twice is one task",
                partial(computing.one_task_of_two, view, self._rest, self._watch),
            ),
            (
                "a malformed message is answered",
                partial(malformed_answered, self._nats, self._rest, self._watch),
            ),
            ("tasks computing", partial(computing.tasks_computed, view.tasks, self._rest)),
            (
                "products complete and readable",
                partial(validating.products_right, view.tasks, result_schema()),
            ),
            ("T90 and T50 as simulated", partial(self._validate, validating.durations_right)),
            ("spectra as simulated", partial(self._validate, validating.spectra_right)),
            ("no burst, no number", partial(self._validate, validating.numbers_right)),
        )
        for name, check in steps:
            await self._step(case, name, check)
        await self._rerun(case)

    async def _rerun(self, case: str) -> None:
        self._display.phase("other parameters")
        for name, check in (
            ("again with other background intervals", reruns.other_background),
            ("again with Band and cutoff power law", reruns.models_compared),
        ):
            await self._step(case, name, partial(check, self.records, self._rest, limit_s=_LIMIT_S))

    async def _sent_alone(self) -> None:
        """Send all data and no task."""
        case = "FSC-1588"
        self._display.phase("data in, without any task")
        view = await self._played(
            SequenceRequest(bursts=self._ids, analyses=(), at_once=4, limit_s=_LIMIT_S)
        )
        await self._step(
            case, "send input files by NATS", partial(computing.files_sent, view, "nats")
        )
        await self._step(
            case, "send input files by REST", partial(computing.files_sent, view, "rest")
        )

    async def _appeared(self) -> None:
        """Check the products that the daemon makes without a task."""
        case, automatic = "FSC-1588", self._automatic
        self._display.phase("automatic products")
        await self._step(case, "every product appears without a task", automatic.appeared)
        records = tuple(automatic.records.values())
        self.records = self.records or tuple(
            record for (_, series), record in automatic.records.items() if series == JOINT
        )
        await self._step(case, "one task a product, no storm", automatic.no_storm)
        await self._step(
            case,
            "automatic products complete and readable",
            partial(validating.products_right, records, result_schema()),
        )
        await self._step(case, "automatic results as simulated", automatic.right)
        await self._step(case, "a late higher version supersedes", automatic.superseded)

    async def _validate(self, check: validating.Check) -> str:
        return await asyncio.to_thread(check, self._dc0, self.records, self.run_tag)

    async def _logged(self) -> None:
        case = "FSC-1589"
        self._display.phase("logs")
        await self._step(
            case, "log lines by REST", partial(logs.logs_reachable, self.records, self._rest)
        )
        await self._step(
            case,
            "log lines name the stage",
            partial(logs.logs_name_stages, self.records, self._rest),
        )

    async def _stopped(self) -> None:
        case = "FSC-1590"
        self._display.phase("stop and start under load")
        if self._daemon is None:
            await self._step(case, "stop and start under load", self._skip)
            return
        smooth = SmoothStop(
            daemon=self._daemon,
            watch=self._watch,
            orders=self._orders,
            rest=self._rest,
            upload=self._upload(),
            load=Load(self._base_url, self._paths(), task=self._known_task()),
        )
        request = SequenceRequest(
            bursts=self._ids[:_REPLAYED], tag=_AGAIN, data=False, at_once=4, limit_s=_LIMIT_S
        )
        await self._step(case, "stop and start under load", partial(smooth.stop, request))
        await self._step(case, "new ServiceStatus", smooth.new_status)
        await self._step(case, "the upload in flight is kept", smooth.uploaded)
        await self._step(case, "no task lost", partial(smooth.tasks, self.records))

    async def _killed(self) -> None:
        case = "FSC-1590"
        self._display.phase("kill -9 in the middle of a sequence")
        if self._daemon is None:
            await self._step(case, "kill -9 and start", self._skip)
            return
        cut = PowerCut(daemon=self._daemon, watch=self._watch, orders=self._orders)
        replays = tuple(f"{name}{REPLAY}" for name in self._ids[-_REPLAYED:])
        request = SequenceRequest(bursts=replays, tag=_KILLED, at_once=4, limit_s=_LIMIT_S)
        await self._step(case, "kill -9 and start", partial(cut.kill_and_start, request))
        await self._step(case, "nothing lost by kill -9", partial(cut.tasks, self.records))

    async def _skip(self) -> str:
        raise StepSkippedError(_NOT_OURS)

    async def _step(self, case: str, name: str, check: Callable[[], Awaitable[str]]) -> bool:
        return await self._table.step(case, name, check)

    async def _played(self, request: SequenceRequest) -> SequenceView:
        launched = await self._orders.launch(request)

        def show(view: SequenceView) -> None:
            self._display.advance(len(view.finished), len(view.bursts), f"{len(view.tasks)} tasks")

        return await self._orders.follow(launched.id, show)

    def _upload(self) -> tuple[str, Path]:
        """Choose the file to upload while the daemon stops: a response, as if of another burst."""
        burst = self._dc0.bursts[0]
        path = next((f.path for f in burst.files if computing.is_calibration(f.name)), None)
        require(path, f"burst {burst.burst_id} has no response to upload")
        return f"{burst.burst_id}-upload", path or burst.files[0].path

    def _known_task(self) -> bytes:
        """Return a task of the main sequence, to be sent repeatedly."""
        burst = self._tts.catalogue.burst(self._ids[0])
        return msgspec.json.encode(burst.tasks[0]) if burst is not None else b""

    def _paths(self) -> tuple[str, ...]:
        """Return the paths that the load requests: what people and programs read all day."""
        task = next((t for t in self.records if t.products), None)
        fixed = (
            "/api/v1/status",
            "/api/v1/task?limit=50",
            "/api/v1/bursts",
            "/health/ready",
            "/api/v1/data?limit=100",
        )
        if task is None:
            return fixed
        names = [p.name for p in task.products]
        return (*fixed, *(f"/api/v1/products/{task.task_id}/{name}" for name in names))
