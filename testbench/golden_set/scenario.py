"""The scenario of the golden set: events in the same order in every run."""

import asyncio
import io
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import msgspec
import nats
import numpy as np
from aiohttp import web
from nats.aio.client import Client

from eclgrmd import __version__
from eclgrmd.model.messages.facts import Origin, TaskFact
from eclgrmd.model.messages.incoming import DataNotification, FileLink, TaskRequest
from eclgrmd.model.mission_time import utc_of_met
from eclgrmd.model.names import Instrument
from eclgrmd.model.quicklook.packet import packet_to_json
from eclgrmd.model.task import TaskState, TaskType
from testbench.daemon_process import DaemonProcess
from testbench.quicklook.counts import BANDS_KEV, FineCounts
from testbench.quicklook.sequence import make_sequence
from testbench.simulate.arguments import DEFAULT_SEED
from testbench.simulate.delivery import Dc0, SimulatedBurst, SimulatedFile, simulate_dc0
from testbench.tiny import tiny_light_curve, tiny_task

from .rest import one_task_too_many, rest_answers
from .rows import Database

__all__ = ["ODD", "QUICK", "Scenario", "Site", "daemon_up"]

QUICK = "sb26120101"
"""Burst of the quick look."""
ODD = "sb26120201"
"""Burst of small tasks that end in every possible way."""
_T0_MET_S = 3.2e8
"""Trigger time of the quick look, mission time, seconds."""
_PACKETS = 30
"""Number of packets of the quick look: they reach beyond the end of the burst."""
_SITE = {"products": {"figures": False, "tables": False}}
"""Task configuration of the site: without figures and tables, which take most of the time."""
_DRAWN = {"duration": {"bootstrap": 100}, "products": {"figures": True, "tables": True}}
"""Configuration of the one task with figures and tables."""
_SETTINGS = {
    "ECLGRMD_VHF_SILENCE_S": "100000",  # the scenario itself ends the burst
    "ECLGRMD_VHF_PRODUCTS_S": "100000",  # only the first and the last set, however long it takes
    "ECLGRMD_STORAGE_RESERVE_BYTES": "0",
    "ECLGRMD_REST_MAX_JSON_BYTES": "100000",
    "ECLGRMD_REST_MAX_UPLOAD_BYTES": "100000000",
    "ECLGRMD_TASKS_MAX_OPEN": "100",  # more than are open before the limit is tested
    "ECLGRMD_SERVICE_NAME": "eclgrm",
}
_TOO_LARGE = 8_500_000
"""Length of a text that is too large for a NATS message, characters."""
_LIMIT_S = 1800.0
"""Limit of one wait, seconds: generous, for busy machines."""
_POLL_S = 0.05
"""Time between two looks at a condition, seconds."""


class ScenarioError(Exception):
    """Raised when the daemon does not do what it does in every run."""


class Site:
    """The daemon and its clients."""

    def __init__(
        self, rest: str, session: aiohttp.ClientSession, client: Client, database: Database
    ) -> None:
        self.rest = rest
        self.session = session
        self.nats = client
        self.database = database

    async def post(self, path: str, payload: bytes) -> int:
        """Post and return the status."""
        async with self.session.post(f"{self.rest}{path}", data=io.BytesIO(payload)) as answer:
            await answer.read()
            return answer.status

    async def until(self, what: str, done: Callable[[], Awaitable[bool]]) -> None:
        """Wait for a condition."""
        try:
            async with asyncio.timeout(_LIMIT_S):
                while not await done():  # noqa: ASYNC110 (the condition is another process's)
                    await asyncio.sleep(_POLL_S)
        except TimeoutError:
            raise ScenarioError(f"after {_LIMIT_S:g} s still not true: {what}") from None

    async def ask(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Return rows of the database."""
        return await asyncio.to_thread(self.database.rows, sql, *values)


@asynccontextmanager
async def daemon_up(folder: Path) -> AsyncIterator[DaemonProcess]:
    """Run a daemon while the context is open."""
    site = folder / "site.json"
    site.write_text(json.dumps(_SITE))
    calibration = folder / "calibration"
    settings = {
        **_SETTINGS,
        "ECLGRMD_TASKS_CONFIGURATION_FILE": str(site),
        "ECLGRMD_VHF_CALIBRATION_DIR": str(calibration),
    }
    process = DaemonProcess(folder, workers=2, settings=settings)
    try:
        await process.start()
        yield process
    finally:
        await process.stop()


class Scenario:
    """A run of the scenario and its results.

    Parameters
    ----------
    folder
        Empty; gets data, products and the state of the daemon.
    bursts
        Names of the simulated bursts; None: all.
    """

    def __init__(self, folder: Path, bursts: tuple[str, ...] | None = None) -> None:
        self._folder = folder
        self._bursts = bursts
        self.results: dict[str, Any] = {}
        """`result.json` of each task of DC-0, or its state if it has none."""
        self.answers: dict[str, Any] = {}
        """Responses of the REST interface, not yet masked."""
        self.messages: list[tuple[str, Any]] = []
        """Subject and body of all announcements."""
        self.tables: dict[str, str] = {}
        """CREATE statement of each table."""
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.names: dict[str, str] = {}
        """Names of addresses and folders of this run."""

    async def run(self) -> None:
        """Play the whole scenario."""
        data = self._folder / "data"
        dc0 = await asyncio.to_thread(simulate_dc0, data, DEFAULT_SEED, self._bursts)
        await asyncio.to_thread(_calibrate, dc0, self._folder / "calibration")
        async with daemon_up(self._folder) as process, _served(data) as url:
            at = process.running_endpoints()
            self.names = {
                at.rest: "{rest}",
                at.rest.removeprefix("http://"): "{rest address}",
                url: "{data}",
                str(process.state_dir): "{state}",
                str(self._folder): "{folder}",
                f"eclgrmd {__version__}": "eclgrmd {version}",
            }
            client = await nats.connect(at.nats)
            database = Database(process.state_dir / "run" / "mariadb.sock")
            try:
                async with aiohttp.ClientSession() as session:
                    await self._play(Site(at.rest, session, client, database), dc0, url)
            finally:
                await client.close()
                database.close()

    async def _play(self, site: Site, dc0: Dc0, url: str) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(_quick_look(site), name="quick look")
            group.create_task(_tasks(site, dc0, url), name="tasks")
        self.results = {
            task.id: await _result(site, task.id) for burst in dc0.bursts for task in burst.tasks
        }
        await _odd_burst(site)
        await _bad_messages(site)
        await _retracted(site)
        await _lost_announcements(site)
        await _quiet(site)
        self.answers = await rest_answers(site.session, site.rest)
        await _quiet(site)
        self.messages = await _all_messages(site.nats)
        self.tables = await asyncio.to_thread(site.database.tables)
        self.rows = await asyncio.to_thread(site.database.everything)
        # Last, because the number of tasks that are sent until the refusal differs from run to run.
        too_many = await one_task_too_many(site.session, site.rest)
        self.answers["POST /task when as many as may be are open"] = too_many


def _calibrate(dc0: Dc0, folder: Path) -> None:
    """Copy the responses of the first burst to where the quick look reads them."""
    folder.mkdir()
    for path in sorted(dc0.bursts[0].folder.glob("grm-spec_*.rsp")):
        shutil.copy(path, folder)


@asynccontextmanager
async def _served(folder: Path) -> AsyncIterator[str]:
    """Serve a folder by HTTP and return its URL."""
    application = web.Application()
    application.router.add_static("/", folder)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def _tasks(site: Site, dc0: Dc0, url: str) -> None:
    """Send all data and tasks of DC-0: those of the first burst by NATS, the others by REST.

    Data come first, so that every task changes its state in the same way in every run.
    """
    first, *others = dc0.bursts
    await _by_nats(site, first, url)
    for burst in others:
        for file in _inputs(burst):
            query = urlencode({"burst_id": burst.burst_id, "name": file.name})
            await site.post(f"/data?{query}", await asyncio.to_thread(file.path.read_bytes))
        for task in burst.tasks:
            await site.post("/task", msgspec.json.encode(task))
    for burst in dc0.bursts:
        for task in burst.tasks:
            await _ended(site, task.id)


def _inputs(burst: SimulatedBurst) -> list[SimulatedFile]:
    names = {one.name for task in burst.tasks for one in task.inputs}
    return [file for file in burst.files if file.name in names]


async def _by_nats(site: Site, burst: SimulatedBurst, url: str) -> None:
    files = _inputs(burst)
    links = tuple(
        FileLink(file.name, f"{url}/{burst.burst_id}/{file.name}", file.size, file.sha256)
        for file in files
    )
    notice = DataNotification("golden-data", burst.burst_id, links)
    await _publish(site, notice)

    async def arrived() -> bool:
        sql = "SELECT COUNT(*) AS n FROM data_file WHERE burst_id = %s"
        return bool((await site.ask(sql, burst.burst_id))[0]["n"] == len(files))

    await site.until("all files are fetched", arrived)
    for task in burst.tasks:
        await _publish(site, task)


async def _publish(site: Site, message: DataNotification | TaskRequest) -> None:
    await site.nats.jetstream().publish("data.bandx", msgspec.json.encode(message))


async def _result(site: Site, task_id: str) -> Any:
    async with site.session.get(f"{site.rest}/products/{task_id}/result.json") as answer:
        return await answer.json(content_type=None)


async def _quick_look(site: Site) -> None:
    """Send packets one by one, each after the analysis of the previous one: one update each."""
    if await site.post("/notice", _notice(201, "trigger", "2027-02-21T16:53:30")) != 201:
        raise ScenarioError("the notice was refused")
    for number, sent in enumerate(make_sequence(QUICK, _T0_MET_S, [_box()])[:_PACKETS], start=1):
        await site.post("/packet", packet_to_json(sent.packet))
        await site.until(f"packet {number} is analysed", lambda: _analysed(site))
    await asyncio.to_thread(
        site.database.execute,
        "UPDATE vhf SET silent_at = UTC_TIMESTAMP(6) WHERE burst_id = %s",
        QUICK,
    )
    await site.until("the quick look is final", lambda: _vhf(site, "state = 'final'"))
    await site.until("its products are made", lambda: _vhf(site, "produced = announced"))


def _box() -> FineCounts:
    """Return the counts of a box of 10 s over a constant background."""
    edges_s = np.arange(-400, 1200) * 0.064
    share = np.clip((np.minimum(edges_s + 0.064, 11.0) - np.maximum(edges_s, 1.0)) / 0.064, 0, 1)
    expected = 0.064 * (250.0 + 800.0 * share[:, None] * np.array([0.1, 0.4, 0.4, 0.1]))
    counts = np.random.default_rng(1).poisson(expected).astype(float)[:, None, :]
    bands = BANDS_KEV[Instrument.GRM]
    live = np.ones(len(edges_s))
    return FineCounts(Instrument.GRM, ("GRD01",), bands, float(edges_s[0]), counts, live)


async def _analysed(site: Site) -> bool:
    """Return whether all packets are analysed and the first announcement has products."""
    return await _vhf(
        site,
        "analysed_packet = last_packet AND analysed_told = told "
        "AND (announced = 0 OR produced > 0)",
    )


async def _vhf(site: Site, condition: str) -> bool:
    rows = await site.ask(f"SELECT 1 FROM vhf WHERE burst_id = %s AND {condition}", QUICK)  # noqa: S608 (constants of this module)
    return bool(rows)


async def _retracted(site: Site) -> None:
    """Send a retraction of the burst of the quick look."""
    await site.post("/notice", _notice(219, "retraction", "2027-02-21T17:00:00"))
    await site.until("the burst is withdrawn", lambda: _vhf(site, "state = 'withdrawn'"))


def _notice(kind: int, name: str, date: str) -> bytes:
    return f"""<?xml version="1.0"?>
<voe:VOEvent xmlns:voe="http://www.ivoa.net/xml/VOEvent/v2.0" role="observation" version="2.0"
 ivorn="ivo://org.svom/fsc#{QUICK}_{name}">
<Who><AuthorIVORN>ivo://org.svom/fsc</AuthorIVORN><Date>{date}</Date></Who>
<What><Param name="Packet_Type" value="{kind}"/><Param name="Instrument" value="GRM"/>
<Group name="Svom_Identifiers"><Param name="Burst_Id" value="{QUICK}"/></Group>
<Group name="Detection_Info">
<Param name="Time_Window_Start" value="{utc_of_met(_T0_MET_S - 3.0)}"/></Group></What>
</voe:VOEvent>""".encode()


async def _odd_burst(site: Site) -> None:
    """Send tasks that succeed, are repeated, fail and are cancelled; and send a wrong file."""
    here = f"/data?burst_id={ODD}"
    await site.post(f"{here}&name=curve.fits", tiny_light_curve(7))
    await site.post(f"{here}&name=garbage.fits", b"SIMPLE  = no" + bytes(100))
    good, bad = [{"name": "curve.fits"}], [{"name": "curve.fits", "sha256": "0" * 64}]
    await _send(site, tiny_task("odd-done", ODD, good))
    await _ended(site, "odd-done")
    await site.post("/task/odd-done/rerun", b'{"id": "odd-again", "configuration": '
                    b'{"duration": {"bootstrap": 150}}}')  # fmt: skip
    await _ended(site, "odd-again")
    drawn = {**tiny_task("odd-drawn", ODD, good), "configuration": _DRAWN}
    await _send(site, drawn)
    await _ended(site, "odd-drawn")
    await _send(site, {**tiny_task("odd-failed", ODD, good), "analysis": "spectral"})
    await _ended(site, "odd-failed")
    await _send(site, tiny_task("odd-cancelled", ODD, bad))
    async with site.session.delete(f"{site.rest}/task/odd-cancelled") as answer:
        await answer.read()
    await _ended(site, "odd-cancelled")
    await _send(site, tiny_task("odd-waiting", ODD, [{"name": "never.fits"}]))


async def _send(site: Site, task: dict[str, Any]) -> None:
    await site.post("/task", json.dumps(task).encode())


async def _ended(site: Site, task_id: str) -> None:
    async def over() -> bool:
        rows = await site.ask(
            "SELECT 1 FROM task WHERE task_id = %s AND state IN ('done', 'failed', 'cancelled')",
            task_id,
        )
        return bool(rows)

    await site.until(f"task {task_id} has ended", over)


async def _bad_messages(site: Site) -> None:
    """Send malformed messages, each after the response to the previous one."""
    unknown_task = b'{"type": "rerun", "task": "no-such-task"}'
    for number, (subject, payload) in enumerate(
        (("data.bandx", b"{nonsense"), ("data.bandx", unknown_task), ("data.vhf", b"<voe>")),
        start=1,
    ):
        await site.nats.jetstream().publish(subject, payload)

        async def answered(number: int = number) -> bool:
            rows = await site.ask("SELECT COUNT(*) AS n FROM fault")
            return bool(rows[0]["n"] >= number)

        await site.until(f"{payload!r} is answered", answered)


async def _lost_announcements(site: Site) -> None:
    """Write to the outbox what nobody can read, and what is too large for NATS."""
    large = TaskFact(
        task_id="golden-large",
        burst_id=ODD,
        analysis=TaskType.TEMPORAL,
        origin=Origin(kind="sent", series="", proc_ver=1, incomplete=""),
        state=TaskState.FAILED,
        reason="x" * _TOO_LARGE,
        at="2026-01-01T00:00:00Z",
        number=1,
        link="/task/golden-large",
    )
    for name, activity in (
        ("golden-unreadable", b'{"type": "from another version"}'),
        ("golden-large", msgspec.json.encode(large)),
    ):
        await asyncio.to_thread(
            site.database.execute,
            "INSERT INTO outbox (message_id, chain, activity, note, created_at) "
            "VALUES (%s, %s, %s, 'made by the golden set', UTC_TIMESTAMP(6))",
            name,
            name,
            activity.decode(),
        )


async def _quiet(site: Site) -> None:
    """Wait until the outbox is empty."""

    async def announced() -> bool:
        return not await site.ask("SELECT 1 FROM outbox WHERE published_at IS NULL LIMIT 1")

    await site.until("everything is announced", announced)


async def _all_messages(client: Client) -> list[tuple[str, Any]]:
    """Read all messages of both subject trees from their streams."""
    stream = client.jetstream()
    found = []
    for subject in ("activity.eclgrm", "eclgrm.v1.>"):
        name = await stream.find_stream_name_by_subject(subject)
        last = (await stream.stream_info(name)).state.last_seq
        subscription = await stream.subscribe(subject, ordered_consumer=True)
        while True:
            message = await subscription.next_msg(timeout=30.0)
            found.append((message.subject, json.loads(message.data)))
            if message.metadata.num_pending == 0 or message.metadata.sequence.stream >= last:
                break
        await subscription.unsubscribe()
    return found
