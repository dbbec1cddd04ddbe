"""The daemon under messages that could silence it: odd ids, nesting, headers and notices."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import quote

import aiohttp
import nats
from nats.aio.client import Client
from nats.aio.msg import Msg

from eclgrmd.aio.cancellation import reraising_cancellation
from eclgrmd.errors import InputError
from eclgrmd.formats.notices.voevent import read_notice
from testbench.daemon_process import DaemonProcess, Endpoints

from .judge import Row, Verdict
from .notices import FOLDER

__all__ = ["daemon_rows"]

BAD_IDS = (
    "sb 27010101",
    "sb&#10;27010102",
    "sb*27010103",
    "sb&gt;27010104",
    "sb24/../01",
    "sb\U0001f680",
)
"""Bad burst ids, as in XML. Ids that only need trimming are among the notices."""
MANY = 210
"""Number of bad burst ids sent before a good one."""
TRIGGER, RETRACTION = 204, 219
"""Packet types of notices."""
_WATCH_S = 10.0
"""Time during which repeated messages are counted, seconds."""
_LIMIT_S = 120.0
"""Longest wait for an effect of a message, seconds."""
_MOST_COPIES = 3
"""Copies of a message that retries may explain."""

Judged = tuple[Verdict, str]


def daemon_rows(cases: Path, folder: Path) -> list[Row]:
    """Start a daemon with private servers, send it all of that, and return the rows."""
    (folder / "daemon").mkdir()
    return asyncio.run(_rows(cases, folder / "daemon"))


async def _rows(cases: Path, folder: Path) -> list[Row]:
    daemon = DaemonProcess(folder, workers=1, settings={"ECLGRMD_STORAGE_RESERVE_BYTES": "0"})
    try:
        await daemon.start()
        return [await _row(daemon, cases, *check) for check in _CHECKS]
    finally:
        await daemon.stop()


class _Site:
    """A running daemon with clients by REST and NATS, and what it announces."""

    def __init__(
        self, daemon: DaemonProcess, cases: Path, session: aiohttp.ClientSession, client: Client
    ) -> None:
        self.daemon = daemon
        self.cases = cases
        self.session = session
        self.nats = client
        self.subjects: Counter[str] = Counter()
        self.copies: Counter[str] = Counter()
        """Copies of each message on `activity.eclgrm`, by its id."""
        self.errors: list[bytes] = []

    async def listen(self) -> None:
        for subject in ("eclgrm.v1.>", "activity.eclgrm"):
            await self.nats.subscribe(subject, cb=self._heard)

    async def _heard(self, message: Msg) -> None:
        self.subjects[message.subject] += 1
        if message.subject == "activity.eclgrm":
            self.copies[(message.headers or {}).get("Nats-Msg-Id", "")] += 1
            if b'"error"' in message.data:
                self.errors.append(message.data)

    async def post(self, path: str, data: bytes) -> tuple[int, str]:
        async with self.session.post(f"{self.endpoints.rest}{path}", data=data) as answer:
            return answer.status, await answer.text()

    async def get(self, path: str) -> tuple[int, str]:
        async with self.session.get(f"{self.endpoints.rest}{path}") as answer:
            return answer.status, await answer.text()

    @property
    def endpoints(self) -> Endpoints:
        found = self.daemon.endpoints()
        if found is None:
            raise _SilencedError(f"the daemon has ended: {self.daemon.end_of_log()}")
        return found

    async def until(self, done: Callable[[], bool], limit_s: float = _LIMIT_S) -> bool:
        """Wait for a condition; return whether it became true within the limit."""
        for _ in range(int(limit_s / 0.1)):
            if done():
                return True
            await asyncio.sleep(0.1)
        return False

    def announced(self, burst_id: str) -> bool:
        return any(burst_id in subject for subject in self.subjects)

    def notice(self, burst_id: str, kind: int) -> bytes:
        """Return the control notice with another burst id, as a trigger or a retraction."""
        text = (self.cases / FOLDER / "00_control.xml").read_text(encoding="utf-8")
        name = "r" if kind == RETRACTION else "a"
        plain = re.sub("[^A-Za-z0-9]", "x", burst_id)
        ivorn = f"ivo://org.svom/fsc#{plain}_"
        text = re.sub(r'(name="Packet_Type" value=)"\d+"', rf'\1"{kind}"', text)
        text = re.sub(r'(name="Burst_Id" value=)"[^"]*"', lambda m: f'{m[1]}"{burst_id}"', text)
        text = re.sub(r'ivorn="[^"]*"', f'ivorn="{ivorn}{name}"', text, count=1)
        cited = "" if kind == TRIGGER else f'<EventIVORN cite="retraction">{ivorn}a</EventIVORN>'
        inside = rf"<Citations>{cited}</Citations>" if cited else ""
        return re.sub(r"<Citations>.*</Citations>", inside, text, flags=re.DOTALL).encode()


class _SilencedError(Exception):
    """Raised when the daemon has ended or does not respond."""


Check = Callable[[_Site], Awaitable[Judged]]


async def _row(daemon: DaemonProcess, cases: Path, kind: str, right: str, check: Check) -> Row:
    try:
        with reraising_cancellation():
            verdict, ours = await _checked(daemon, cases, check)
    except (_SilencedError, aiohttp.ClientError, OSError, TimeoutError, nats.errors.Error) as error:
        verdict, ours = Verdict.CRASH, f"{type(error).__name__}: {error}"
    return Row("25_daemon", kind, right, ours, verdict)


async def _checked(daemon: DaemonProcess, cases: Path, check: Check) -> Judged:
    limit = aiohttp.ClientTimeout(total=60.0)
    async with aiohttp.ClientSession(timeout=limit) as session:
        endpoints = daemon.endpoints()
        if endpoints is None:
            raise _SilencedError(f"the daemon has ended: {daemon.end_of_log()}")
        client = await nats.connect(endpoints.nats)
        try:
            site = _Site(daemon, cases, session, client)
            await site.listen()
            verdict, ours = await check(site)
            status, _ = await site.get("/health/ready")
        finally:
            await client.close()
    if status != 200:
        return Verdict.WRONG, f"{ours}; afterwards /health/ready says {status}"
    return verdict, ours


async def _ids(site: _Site) -> Judged:
    statuses = Counter[int]()
    for burst_id in BAD_IDS:
        for kind in (TRIGGER, RETRACTION):
            statuses[(await site.post("/api/v1/notice", site.notice(burst_id, kind)))[0]] += 1
    return _refused(statuses)


async def _ids_of_data_and_tasks(site: _Site) -> Judged:
    """Send bad burst ids for data and tasks."""
    statuses = Counter[int]()
    for burst_id in ("GRB 200106A", "sb\U0001f680", "a.b.>", "x\ny", "x\n", ""):
        status, _ = await site.post(
            f"/api/v1/data?burst_id={quote(burst_id)}&name=a.fits", b"x" * 2880
        )
        statuses[status] += 1
        status, _ = await site.post("/api/v1/task", _task(f"t-{burst_id}", burst_id))
        statuses[status] += 1
    return _refused(statuses)


async def _good_burst(site: _Site, burst_id: str) -> list[str]:
    """Send a task and a retraction of good bursts; return what is not announced."""
    events = (site.cases / "04_timezero_gti/control.fits").read_bytes()
    await site.post(f"/api/v1/data?burst_id={burst_id}&name=evt.fits", events)
    for kind in (TRIGGER, RETRACTION):
        await site.post("/api/v1/notice", site.notice(f"{burst_id}n", kind))
    await site.post("/api/v1/task", _task(burst_id, burst_id))
    heard = f"eclgrm.v1.products.{burst_id}"
    await site.until(lambda: any(subject.startswith(heard) for subject in site.subjects))
    missing = [] if any(s.startswith(heard) for s in site.subjects) else ["products"]
    return missing if site.announced(f"{burst_id}n") else [*missing, "retraction"]


def _task(task_id: str, burst_id: str) -> bytes:
    quick = {"duration": {"bootstrap": 100}, "products": {"figures": False}}
    wanted = {"type": "task", "id": task_id, "burst_id": burst_id, "analysis": "temporal"}
    return json.dumps({**wanted, "inputs": [{"name": "evt.fits"}], "configuration": quick}).encode()


async def _announcing(site: _Site) -> Judged:
    missing = await _good_burst(site, "good1")
    return await _heard_once(site, missing)


async def _many(site: _Site) -> Judged:
    statuses = Counter[int]()
    for number in range(MANY):
        for kind in (TRIGGER, RETRACTION):
            status, _ = await site.post("/api/v1/notice", site.notice(f"sb 9{number:06d}", kind))
            statuses[status] += 1
    missing = await _good_burst(site, "good2")
    verdict, ours = await _heard_once(site, missing)
    refused, shown = _refused(statuses)
    return (refused if verdict is Verdict.RIGHT else verdict), f"{shown}; {ours}"


async def _heard_once(site: _Site, missing: list[str]) -> Judged:
    """Check for a while that nothing is announced repeatedly."""
    await asyncio.sleep(_WATCH_S)
    most = max(site.copies.values(), default=0)
    counted = f"at most {most} copies of a message, {sum(site.copies.values())} in all"
    if missing:
        return Verdict.WRONG, f"not announced: {', '.join(missing)}; {counted}"
    return (Verdict.RIGHT if most <= _MOST_COPIES else Verdict.WRONG), f"all announced; {counted}"


async def _deep(site: _Site) -> Judged:
    task = b'{"type":"task","id":"deep","burst_id":"sb1","inputs":[{"name":"x"}],"configuration":'
    deep = task + b'{"a":' * 3000 + b"1" + b"}" * 3000 + b"}"
    statuses = Counter[int]()
    for path, payload in (
        ("/api/v1/task", deep),
        ("/api/v1/packet", deep),
        ("/api/v1/task", b"[" * 100_000),
    ):
        statuses[(await site.post(path, payload))[0]] += 1
    for subject, payload in (("data.bandx", deep), ("data.vhf", b'{"a":' * 3000)):
        await site.nats.publish(subject, payload)
    await site.nats.flush()
    if not await site.until(lambda: len(site.errors) >= 1, 30.0):
        return Verdict.WRONG, f"by REST {dict(statuses)}; by NATS no response within 30 s"
    await asyncio.sleep(_WATCH_S)
    waiting = await _redelivered(site)
    verdict, ours = _refused(statuses)
    return (Verdict.WRONG if waiting else verdict), f"{ours}; {waiting} sent again by NATS"


async def _redelivered(site: _Site) -> int:
    stream = site.nats.jetstream()
    found = 0
    for each in await stream.streams_info():
        for consumer in await stream.consumers_info(each.config.name or ""):
            found += (consumer.num_redelivered or 0) + (consumer.num_ack_pending or 0)
    return found


async def _headers(site: _Site) -> Judged:
    """Send tasks in messages with odd headers, as raw bytes: the client would reject them."""
    events = (site.cases / "04_timezero_gti/control.fits").read_bytes()
    await site.post("/api/v1/data?burst_id=sbh1&name=evt.fits", events)
    headers = ["Sender: Gonz\u00e1lez".encode("latin1"), "Sender: \U0001f680".encode()]
    headers += [b"A: 1\r\nA: 2", b"Empty:", b"Traceparent: 00-x"]
    for number, header in enumerate(headers):
        head = b"NATS/1.0\r\n" + header + b"\r\n\r\n"
        body = _task(f"h-{number}", "sbh1")
        sizes = b"HPUB data.bandx %d %d\r\n" % (len(head), len(head) + len(body))
        await site.nats._send_command(sizes + head + body + b"\r\n")  # noqa: SLF001 (raw headers)
    await site.nats.flush()
    done = 0
    for _ in range(int(_LIMIT_S)):
        _, text = await site.get("/api/v1/task?burst_id=sbh1")
        done = sum(task["state"] == "done" for task in json.loads(text)["tasks"])
        if done == len(headers):
            return Verdict.RIGHT, f"{done} done"
        await asyncio.sleep(1.0)
    return Verdict.WRONG, f"{done} of {len(headers)} done"


async def _odd_notices(site: _Site) -> Judged:
    odd = []
    paths = sorted((site.cases / FOLDER).glob("*.xml"))
    for path in paths:
        payload = path.read_bytes()
        status, text = await site.post("/api/v1/notice", payload)
        if status != (422 if _refuses(payload) else status) or status >= 500:
            odd.append(f"{path.name}: {status} {text[:80]}")
    return (Verdict.WRONG if odd else Verdict.RIGHT), "; ".join(
        odd
    ) or f"all {len(paths)} answered so"


def _refuses(payload: bytes) -> bool:
    try:
        read_notice(payload)
    except InputError:
        return True
    return False


def _refused(statuses: Counter[int]) -> Judged:
    """Return `plainly told` if all are refused and `WRONG` if one is accepted."""
    shown = f"statuses {dict(statuses)}"
    if any(status >= 500 for status in statuses):
        return Verdict.CRASH, shown
    return (Verdict.TOLD if set(statuses) <= {400, 422} else Verdict.WRONG), shown


_CHECKS: tuple[tuple[str, str, Check], ...] = (
    ("burst ids in notices", "422", _ids),
    ("burst ids in data and tasks", "422", _ids_of_data_and_tasks),
    ("a good burst after bad ids", "announced, each message once", _announcing),
    (f"{MANY} bad ids, then a good burst", "422; announced, each message once", _many),
    ("JSON nested 3,000 deep", "422; not sent again by NATS", _deep),
    ("odd NATS headers", "all 5 tasks done", _headers),
    ("odd notices by REST", "422 where one cannot be read, never 500", _odd_notices),
)
