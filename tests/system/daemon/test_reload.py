"""Every setting, changed on a running daemon: it has its effect at once, or is named.

The daemon runs on a file in which all patience is long. Each case changes a key, reloads (SIGHUP),
and sees something that cannot happen with the value before.
"""

import asyncio
import contextlib
import hashlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from operator import eq
from pathlib import Path
from typing import Any, LiteralString

import aiohttp
import msgspec
import nats
import pytest
from aiohttp import web

from eclgrmd.daemon.servers import private_database
from eclgrmd.embedded import PrivateMariaDB
from eclgrmd.model.quicklook.binary import packet_to_binary
from eclgrmd.settings.daemon import Settings
from eclgrmd.settings.kinds import needs_restart
from eclgrmd.store.sql.database import Database
from testbench.daemon_process import DaemonProcess
from testbench.tiny import tiny_light_curve, tiny_task
from tests.support.limits import LIMIT_S
from tests.support.quicklook.packets import box_sequence

pytestmark = pytest.mark.timeout(900)

LONG = {"duration": {"bootstrap": 100_000}, "products": {"figures": False}}
FINAL = {"done", "failed", "cancelled"}
FOR_EVER_S = 100_000.0
USER = {"X-Remote-User": "a.dvocate"}
"""Header by which a proxy says whom it has logged in."""

Changes = dict[str, Any]
"""Values by ``section.key``."""

BEFORE: Changes = {
    "compute.workers": 1,
    "compute.cache_dir": "",
    "log.format": "json",
    "rest.port": 0,
    "rest.drain_s": FOR_EVER_S,
    "storage.reserve_bytes": 1_000_000,
    "tasks.max_attempts": 1,
    "tasks.stop_limit_s": FOR_EVER_S,
    "tasks.poll_s": FOR_EVER_S,
    "tasks.fetch_timeout_s": FOR_EVER_S,
    "tasks.fetch_least_bytes_s": 0.001,
    "automatic.enabled": False,
    "automatic.analyses": ["spectral"],
    "automatic.debounce_s": FOR_EVER_S,
    "automatic.patience_s": FOR_EVER_S,
    "automatic.joint_wait_s": FOR_EVER_S,
    "links.allow": ["http://*:*"],
    "links.networks": ["127.0.0.0/8", "::1/128"],
    "mdb.retry_s": 3000.0,
    "mdb.longest_retry_s": 3000.0,
    "vhf.silence_s": FOR_EVER_S,
    "vhf.products_s": FOR_EVER_S,
}
"""What differs from the defaults before a case."""


class Outside:
    """Servers that the daemon asks: one hangs, one drips, one has no file, one is the MDB."""

    def __init__(self) -> None:
        self._port = 0
        self.questions: list[dict[str, str]] = []
        """What the mission database was asked."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        app = web.Application()
        app.router.add_get("/hang/{name}", self._hang)
        app.router.add_get("/drip/{name}", self._drip)
        app.router.add_get("/good/{name}", self._good)
        app.router.add_get("/mdb/files", self._files)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self._port).start()
        self._port = runner.addresses[0][1]
        try:
            yield
        finally:
            await runner.cleanup()

    @property
    def url(self) -> str:
        """Folders of the daemon, the same for all cases."""
        return f"http://127.0.0.1:{self._port}"

    async def _hang(self, _request: web.Request) -> web.Response:
        await asyncio.sleep(FOR_EVER_S)
        return web.Response()

    async def _drip(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x")
            await asyncio.sleep(0.05)

    async def _good(self, _request: web.Request) -> web.Response:
        return web.Response(body=b"good")

    async def _files(self, request: web.Request) -> web.Response:
        self.questions.append(dict(request.query))
        return web.json_response({"files": []})


class Site:
    """The running daemon, its file, and what can be done to it."""

    def __init__(
        self, process: DaemonProcess, config: Path, outside: Outside, http: aiohttp.ClientSession
    ) -> None:
        self.process, self.outside, self.http = process, outside, http
        self._config = config
        self.burst_id = ""
        """A burst of this case alone."""
        self.began = 0
        """Lines of the log before this case."""
        self.told: list[str] = []
        """States that the service manager was told."""

    def hear(self, message: bytes) -> None:
        """Listen as the service manager does."""
        lines = message.decode().splitlines()
        self.told += [line[7:] for line in lines if line.startswith("STATUS=")]

    def lines(self, since: int = 0) -> list[dict[str, Any]]:
        text = self.process.log.read_text(encoding="utf-8", errors="replace")
        found = [line for line in text.splitlines() if line.startswith("{")]
        return [json.loads(line) for line in found[since:]]

    def logged(self, event: str) -> list[dict[str, Any]]:
        """Return the lines of this case with this sentence."""
        return [line for line in self.lines(self.began) if line.get("event") == event]

    async def reload(self, changes: Changes) -> tuple[list[str], list[str]]:
        """Write and reload; return what the log says has changed and what waits."""
        before = len(self.lines())
        write(self._config, {**self.base, **changes})
        self.process.reload()
        async with asyncio.timeout(LIMIT_S):
            while True:
                await asyncio.sleep(0.02)
                new = self.lines(before)
                if any(line.get("event") == "settings reloaded" for line in new):
                    break
        await asyncio.sleep(0.1)
        return tuple(  # type: ignore[return-value]
            [
                key
                for line in self.lines(before)
                if line.get("event") == event
                for key in line["changed"]
            ]
            for event in ("settings reloaded", "settings that need a restart")
        )

    @property
    def base(self) -> Changes:
        state = self.process.state_dir
        return {
            **BEFORE,
            "storage.state_dir": str(state),
            "storage.runtime_dir": str(state / "run"),
            "mdb.url": f"{self.outside.url}/mdb",
        }

    async def get(self, path: str) -> Any:
        async with self.http.get(path) as answer:
            return await answer.json(content_type=None)

    async def post(self, path: str, **options: Any) -> int:
        async with self.http.post(path, **options) as answer:
            await answer.read()
            return answer.status

    async def upload(self, content: bytes | None = None) -> int:
        query = {"burst_id": self.burst_id, "name": "a.fits"}
        return await self.post("/api/v1/data", params=query, data=content or tiny_light_curve(1))

    async def order(self, name: str, **change: Any) -> int:
        task = {**tiny_task(name, self.burst_id, [{"name": "a.fits"}]), **change}
        return await self.post("/api/v1/task", json=task)

    async def status_of(self, path: str = "/api/v1/status", **headers: str) -> int:
        """Return the status of the response to a request with these headers."""
        async with self.http.get(path, headers=headers) as answer:
            return answer.status

    async def metrics(self) -> str:
        async with self.http.get("/metrics") as answer:
            return await answer.text()

    async def preview(self) -> dict[str, Any]:
        """Preview a task that is done."""
        await self.done()
        path = f"/api/v1/bursts/{self.burst_id}/preview"
        async with self.http.post(path, json={}) as answer:
            found: dict[str, Any] = await answer.json()
        return found

    async def ended(self) -> dict[str, Any]:
        """Run a task that takes long; return how it ended."""
        return await self.done(configuration=LONG)

    async def done(self, **change: Any) -> dict[str, Any]:
        """Run a task; return how it ended."""
        await self.upload()
        assert await self.order(self.burst_id, **change) == 201
        task: dict[str, Any] = await self.until(
            lambda: self.get(f"/api/v1/task/{self.burst_id}"), lambda view: view["state"] in FINAL
        )
        return task

    async def notify(self, url: str, size: int = 4) -> None:
        """Announce a file that is to be fetched."""
        link = {
            "name": "f.fits",
            "url": url,
            "size": size,
            "sha256": hashlib.sha256(b"good").hexdigest(),
        }
        message = {
            "type": "data",
            "id": f"n-{self.burst_id}",
            "burst_id": self.burst_id,
            "files": [link],
            "trigger_utc": "2026-01-01T12:00:00Z",
        }
        await self.publish("data.bandx", json.dumps(message).encode())

    async def not_fetched(self, url: str, size: int = 4) -> str:
        """Announce a file; return why it was given up."""
        await self.notify(url, size)
        files = await self.until(
            lambda: self.get(f"/api/v1/data?burst_id={self.burst_id}"), lambda found: found["data"]
        )
        return str(files["data"][0]["reason"])

    async def publish(self, subject: str, payload: bytes) -> None:
        at = self.process.endpoints()
        assert at is not None
        client = await nats.connect(at.nats)
        await client.jetstream().publish(subject, payload)
        await client.close()

    async def send_packets(self, number: int, after: int = 0) -> None:
        sent = box_sequence(1.0, 9.0, 800.0, burst_id=self.burst_id)
        for each in sent[after : after + number]:
            payload = packet_to_binary(each.packet)
            assert await self.post("/api/v1/packet", data=payload) == 201

    async def quick_look(self, **wanted: Any) -> None:
        await self.until(
            lambda: self.get(f"/api/v1/bursts/{self.burst_id}/vhf"),
            lambda view: wanted.items() <= view.items(),
        )

    async def quick_look_sets(self) -> list[dict[str, Any]]:
        found = (await self.get(f"/api/v1/bursts/{self.burst_id}/vhf/products"))["products"]
        return list(found)

    async def tasks(self) -> list[dict[str, Any]]:
        found = await self.get(f"/api/v1/bursts/{self.burst_id}")
        return list(found.get("tasks", []))

    async def analysed(self) -> list[dict[str, Any]]:
        """Bring a file; return the tasks that follow by themselves."""
        assert await self.upload() == 201
        found: list[dict[str, Any]] = await self.until(self.tasks, bool)
        return found

    async def until(self, ask: Callable[[], Awaitable[Any]], true: Callable[[Any], Any]) -> Any:
        async with asyncio.timeout(LIMIT_S):
            while True:
                found = await ask()
                if true(found):
                    return found
                await asyncio.sleep(0.1)

    async def number(self, sql: LiteralString) -> float | None:
        """Return a number out of the daemon's database, about the burst of this case."""
        state = self.process.state_dir
        address = private_database(PrivateMariaDB(state, state / "run"))
        database = Database(address, pool_size=1, timeout_s=10.0)
        await database.open()
        try:
            async with database.reading() as transaction:
                return await transaction.value(float, sql, burst=self.burst_id)
        finally:
            await database.close()

    async def until_logged(self, event: str) -> None:
        async def look() -> list[dict[str, Any]]:
            return self.logged(event)

        await self.until(look, bool)


def write(path: Path, changes: Changes) -> None:
    tables: dict[str, dict[str, Any]] = {}
    for name, value in changes.items():
        section, _, key = name.partition(".")
        tables.setdefault(section, {})[key] = value
    lines = []
    for section, values in tables.items():
        lines += [
            f"[{section}]",
            *(f"{key} = {json.dumps(value)}" for key, value in values.items()),
        ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


# --- What is seen of each setting ---------------------------------------------------------------

Seen = Callable[[Site], Awaitable[None]]
CASES: dict[str, tuple[Changes, Seen]] = {}
"""By the setting that each case is about: what is changed, and what is seen then."""


def case(name: str, value: Any, **others: Any) -> Callable[[Seen], Seen]:
    """Register what is seen of a setting; `others` are changed beside it (``section__key``)."""

    def register(seen: Seen) -> Seen:
        beside = {other.replace("__", ".", 1): changed for other, changed in others.items()}
        CASES[name] = ({name: value, **beside}, seen)
        return seen

    return register


async def _descriptor(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = (await site.get("/api/v1/status"))["descriptor"]
    return found


@case("service.name", "ANOTHER")
async def name(site: Site) -> None:
    assert (await _descriptor(site))["name"] == "ANOTHER"


@case("service.uri", "svom://another")
async def uri(site: Site) -> None:
    assert (await _descriptor(site))["uri"] == "svom://another"


@case("service.instrument", "GRM")
async def instrument(site: Site) -> None:
    assert (await _descriptor(site))["instrument"] == "GRM"


@case("service.mode", "ToO")
async def mode(site: Site) -> None:
    assert (await _descriptor(site))["mode"] == "ToO"


@case("service.links", ["a", "b"])
async def links(site: Site) -> None:
    assert (await _descriptor(site))["links"] == ["a", "b"]


@case("storage.reserve_bytes", 2**60)
async def reserve(site: Site) -> None:
    assert await site.upload() == 507


async def _until_cleaned(site: Site) -> None:
    assert await site.upload() == 201
    number = (await site.get(f"/api/v1/data?burst_id={site.burst_id}"))["data"][0]["id"]
    # The file came after the reload: another one has it cleaned at once, and no minute passes.
    await site.until(
        lambda: _reloaded(site, f"/api/v1/data/{number}"), lambda row: row["cleaned_at"]
    )


async def _reloaded(site: Site, path: str) -> Any:
    site.process.reload()
    await asyncio.sleep(0.5)
    return await site.get(path)


@case("storage.keep_days", 1e-9)
async def keep_days(site: Site) -> None:
    await _until_cleaned(site)


@case("storage.keep_bytes", 1)
async def keep_bytes(site: Site) -> None:
    await _until_cleaned(site)


async def _until_vhf_cleaned(site: Site) -> None:
    await site.send_packets(20)
    await site.quick_look(state="final")
    await site.until(site.quick_look_sets, bool)

    async def look() -> list[dict[str, Any]]:
        site.process.reload()
        await asyncio.sleep(0.5)
        return await site.quick_look_sets()

    await site.until(look, lambda rows: all(row["cleaned_at"] for row in rows))


@case("storage.vhf_keep_days", 1e-9, vhf__silence_s=0.5, tasks__poll_s=0.1, vhf__products_s=0.0)
async def vhf_keep_days(site: Site) -> None:
    await _until_vhf_cleaned(site)


@case("storage.vhf_keep_bytes", 1, vhf__silence_s=0.5, tasks__poll_s=0.1, vhf__products_s=0.0)
async def vhf_keep_bytes(site: Site) -> None:
    await _until_vhf_cleaned(site)


@case("rest.cors_origins", ["https://pages.example.org"])
async def cors_origins(site: Site) -> None:
    asked = {"Origin": "https://pages.example.org", "Access-Control-Request-Method": "POST"}
    async with site.http.options("/api/v1/task", headers=asked) as answer:
        assert answer.status == 204
        assert answer.headers["Access-Control-Allow-Origin"] == asked["Origin"]
        assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    for origin, allowed in ((asked["Origin"], asked["Origin"]), ("https://else.example.org", None)):
        async with site.http.get("/api/v1/status", headers={"Origin": origin}) as answer:
            assert answer.headers.get("Access-Control-Allow-Origin") == allowed


@case("rest.public_url", "https://eclgrm.example.org")
async def public_url(site: Site) -> None:
    task = await site.done()
    assert task["products"][0]["link"].startswith("https://eclgrm.example.org/")


@case("rest.open_loopback", "off")
async def open_loopback(site: Site) -> None:
    assert await site.status_of() == 401


@case("rest.hosts", ["eclgrm.example.org"])
async def hosts(site: Site) -> None:
    assert await site.status_of(Host="eclgrm.example.org") == 200
    assert await site.status_of(Host="else.example.org") == 421


@case("rest.proxy_user_header", "X-Remote-User")
async def proxy_user_header(site: Site) -> None:
    assert await site.status_of() == 401
    assert await site.status_of(**USER) == 200


@case("rest.proxy_addresses", ["192.0.2.1"], rest__proxy_user_header="X-Remote-User")
async def proxy_addresses(site: Site) -> None:
    assert await site.status_of(**USER) == 401


@case("rest.proxy_role", "operator", rest__proxy_user_header="X-Remote-User")
async def proxy_role(site: Site) -> None:
    assert await site.status_of("/api/v1/audit", **USER) == 200


@case("rest.preview_sessions", 0)
async def preview_sessions(site: Site) -> None:
    assert "rest.preview_sessions = 0" in (await site.preview())["reason"]


@case("rest.preview_idle_s", 0.1)
async def preview_idle(site: Site) -> None:
    assert (await site.preview())["quick"]
    await site.until(site.metrics, lambda text: "\neclgrmd_preview_sessions 0" in text)


@case("rest.client_requests", 3)
async def client_requests(site: Site) -> None:
    await site.until(site.status_of, lambda status: status == 429)


@case("rest.client_previews", 3)
async def client_previews(site: Site) -> None:
    for _ in range(3):
        site.burst_id += "b"
        assert (await site.preview())["quick"]
    assert "\neclgrmd_preview_sessions 3" in await site.metrics()


@case("rest.client_streams", 1)
async def client_streams(site: Site) -> None:
    async with site.http.get("/api/v1/events") as first:
        assert first.status == 200
        assert await site.status_of("/api/v1/events") == 429


@case("rest.max_upload_bytes", 10)
async def max_upload(site: Site) -> None:
    assert await site.upload() == 413


@case("rest.max_json_bytes", 10)
async def max_json(site: Site) -> None:
    assert await site.order("t") == 413


@case("rest.client_uploads", 1)
async def client_uploads(site: Site) -> None:
    await two_uploads(site)


@case("rest.max_uploads", 1)
async def max_uploads(site: Site) -> None:
    await two_uploads(site)


async def two_uploads(site: Site) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        while not go_on.is_set():
            yield bytes(100_000)
            begun.set()
            await asyncio.sleep(0.01)

    async with asyncio.TaskGroup() as group:
        query = {"burst_id": site.burst_id, "name": "slow.fits"}
        first = group.create_task(site.post("/api/v1/data", params=query, data=slowly()))
        await begun.wait()

        async def once_more() -> int:
            return await site.upload()

        await site.until(once_more, lambda status: status == 429)
        go_on.set()
    assert first.result() == 422


@case("nats.announce_limit_s", 7.0)
async def announce_limit(site: Site) -> None:
    assert (await site.get("/health/ready"))["announcements"]["limit_s"] == 7.0


@case("tasks.time_limit_s", 0.5)
async def time_limit(site: Site) -> None:
    assert (await site.ended())["reason"].endswith("took longer than 0.5 s")


@case("tasks.max_attempts", 2, tasks__time_limit_s=0.5, tasks__poll_s=0.1)
async def max_attempts(site: Site) -> None:
    assert (await site.ended())["attempts"] == 2


@case("tasks.lease_s", 1000.0)
async def lease(site: Site) -> None:
    """A fetch is claimed for three leases; it hangs on a host that no other case uses."""
    await site.notify(f"{site.outside.url.replace('127.0.0.1', 'localhost')}/hang/f.fits")

    async def left_s() -> float:
        found = await site.number(
            "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), due_at) FROM transfer "
            "WHERE burst_id = %(burst)s"
        )
        return -1.0 if found is None else found

    await site.until(left_s, lambda seconds: seconds > 2000.0)


@case("tasks.poll_s", 0.1)
async def poll(site: Site) -> None:
    """The second try is due after a second, of which no hint tells."""
    await site.notify(f"{site.outside.url}/nothing")

    async def tries() -> int:
        return len(site.logged("fetch failed"))

    await site.until(tries, lambda number: number >= 3)


@case("tasks.max_open", 1)
async def max_open(site: Site) -> None:
    await site.order(f"{site.burst_id}-0")
    number = 0

    async def one_more() -> int:
        nonlocal number
        number += 1
        return await site.order(f"{site.burst_id}-{number}")

    await site.until(one_more, lambda status: status == 429)
    for each in range(number + 1):
        async with site.http.delete(f"/api/v1/task/{site.burst_id}-{each}"):
            pass


@case("links.allow", [])
async def links_allow(site: Site) -> None:
    """The host is one of this case alone: a fetch that hangs takes the slot of a failing host."""
    assert "files are not fetched from there" in await site.not_fetched("http://127.0.0.2/f.fits")


@case("links.networks", [])
async def links_networks(site: Site) -> None:
    assert "no public address" in await site.not_fetched("http://127.0.0.3/f.fits")


@case("tasks.fetch_attempts", 1)
async def fetch_attempts(site: Site) -> None:
    assert "in 1 tries" in await site.not_fetched(f"{site.outside.url}/nothing")


@case("tasks.fetch_wait_s", 0.001, storage__reserve_bytes=2**60, tasks__poll_s=0.1)
async def fetch_wait(site: Site) -> None:
    assert ": waited for " in await site.not_fetched(f"{site.outside.url}/good/f.fits")


@case("tasks.fetch_timeout_s", 0.5, tasks__fetch_attempts=1)
async def fetch_timeout(site: Site) -> None:
    assert "after 0.5 s" in await site.not_fetched(f"{site.outside.url}/hang/f.fits")


@case("tasks.fetch_least_bytes_s", 1e9, tasks__fetch_attempts=1, tasks__fetch_timeout_s=1.0)
async def fetch_least_bytes(site: Site) -> None:
    reason = await site.not_fetched(f"{site.outside.url}/drip/f.fits", 10**9)
    assert "slower than 1e+09 bytes/s" in reason


# --- Analyses that start by themselves ---


@case(
    "automatic.enabled", True,
    automatic__analyses=["temporal"], automatic__debounce_s=0.1, tasks__poll_s=0.1,
)  # fmt: skip
async def enabled(site: Site) -> None:
    assert {task["series"] for task in await site.analysed()} == {"temporal-GRM"}


@case(
    "automatic.analyses", ["temporal"],
    automatic__enabled=True, automatic__debounce_s=0.1, tasks__poll_s=0.1,
)  # fmt: skip
async def analyses(site: Site) -> None:
    assert {task["series"] for task in await site.analysed()} == {"temporal-GRM"}


@case(
    "automatic.debounce_s", 0.1,
    automatic__enabled=True, automatic__analyses=["temporal"], tasks__poll_s=0.1,
)  # fmt: skip
async def debounce(site: Site) -> None:
    assert await site.analysed()


@case(
    "automatic.patience_s", 0.1,
    automatic__enabled=True, automatic__analyses=["temporal"], tasks__poll_s=0.1,
)  # fmt: skip
async def patience(site: Site) -> None:
    assert await site.analysed()


@case(
    "automatic.joint_wait_s", 0.1,
    automatic__enabled=True, automatic__analyses=["joint"], automatic__debounce_s=0.1,
    tasks__poll_s=0.1,
)  # fmt: skip
async def joint_wait(site: Site) -> None:
    (task,) = await site.analysed()
    assert task["incomplete"] == "no data for a spectrum of ECL, GRM"


@case(
    "automatic.expected", ["GRM"],
    automatic__enabled=True, automatic__analyses=["joint"], automatic__debounce_s=0.1,
    automatic__joint_wait_s=0.1, tasks__poll_s=0.1,
)  # fmt: skip
async def expected(site: Site) -> None:
    (task,) = await site.analysed()
    assert task["incomplete"] == "no data for a spectrum of GRM"


# --- The mission database ---


@case("mdb.around_s", 7.0)
async def around(site: Site) -> None:
    await site.notify(f"{site.outside.url}/hang/f.fits")

    async def asked() -> list[dict[str, str]]:
        return [each for each in site.outside.questions if each["burst_id"] == site.burst_id]

    question = (await site.until(asked, bool))[0]
    assert question["start"] == "2026-01-01T11:59:53.000Z"
    assert question["stop"] == "2026-01-01T12:00:07.000Z"


async def _asked_again(site: Site) -> None:
    """A task waits for a file that the mission database does not have."""
    assert await site.order(site.burst_id) == 201

    async def times() -> int:
        questions = site.outside.questions
        return len([each for each in questions if each["burst_id"] == site.burst_id])

    await site.until(times, lambda number: number >= 3)


@case("mdb.retry_s", 0.1, tasks__poll_s=0.1)
async def retry(site: Site) -> None:
    await _asked_again(site)


@case("mdb.longest_retry_s", 0.1, tasks__poll_s=0.1)
async def longest_retry(site: Site) -> None:
    await _asked_again(site)


# --- The quick look ---


@case("vhf.silence_s", 0.5, tasks__poll_s=0.1)
async def silence(site: Site) -> None:
    await site.send_packets(20)
    await site.quick_look(state="final")


@case("vhf.calibration_dir", "/no/such/folder")
async def calibration(site: Site) -> None:
    await site.send_packets(5)
    await site.until_logged("no spectra: responses not read")


@case("vhf.products_s", 0.0, tasks__poll_s=0.1)
async def products(site: Site) -> None:
    """A second set is made while the burst goes on."""
    for number in range(2):
        await site.send_packets(15, 15 * number)

        async def sets(seen: int = number) -> bool:
            made = {row["proc_ver"] for row in await site.quick_look_sets()}
            return len(made) > seen

        await site.until(sets, bool)


@case("log.level", "debug")
async def level(site: Site) -> None:
    await site.send_packets(1)
    await site.until_logged("packet received")


# --- Tasks: the configuration of the site ---


@case("tasks.configuration_file", "site.yaml")
async def configuration_file(site: Site) -> None:
    """The file that is named, and its content when only that changes."""
    await site.upload()
    for seed in (5, 6):
        (site.process.state_dir.parent / "site.yaml").write_text(f"seed: {seed}\n")
        site.process.reload()
        await site.until(lambda: _configured(site), partial(eq, (seed, "site")))
    async with site.http.delete(f"/api/v1/task/{site.burst_id}"):
        pass


async def _configured(site: Site) -> tuple[Any, Any]:
    await site.order(site.burst_id)
    found = await site.get(f"/api/v1/task/{site.burst_id}/configuration")
    return found["configuration"]["seed"], found["sources"]["/seed"]


# --- The stop, which has a daemon to itself ---

AT_STOP = {"rest.drain_s": 0.1, "tasks.stop_limit_s": 0.1}

KEYS = {
    f"{section.name}.{key.name}": key
    for section in msgspec.structs.fields(Settings)
    for key in msgspec.structs.fields(section.type)
}
RESTART = {name for name, key in KEYS.items() if needs_restart(key)}


def test_every_setting_has_its_case() -> None:
    assert set(CASES) | set(AT_STOP) | RESTART == set(KEYS)
    assert not (set(CASES) | set(AT_STOP)) & RESTART


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reload")


@pytest.fixture(scope="module")
def manager(folder: Path) -> Iterator[socket.socket]:
    """Listen as systemd would."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(folder / "notify"))
        listener.setblocking(False)
        yield listener


@pytest.fixture(scope="module")
def process(folder: Path, manager: socket.socket) -> Iterator[DaemonProcess]:
    """A daemon for all cases; the first of them starts it."""
    found = DaemonProcess(folder, config=folder / "eclgrmd.toml")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NOTIFY_SOCKET", str(manager.getsockname()))
        yield found
        asyncio.run(found.kill())


@pytest.fixture(scope="module")
def outside() -> Outside:
    return Outside()


@pytest.fixture
async def site(
    process: DaemonProcess, folder: Path, outside: Outside, manager: socket.socket
) -> AsyncIterator[Site]:
    async with outside.running():
        config = folder / "eclgrmd.toml"
        if not process.running:
            first = Site(process, config, outside, None)  # type: ignore[arg-type]
            write(config, first.base)
            await process.start()
        at = process.endpoints()
        assert at is not None
        async with aiohttp.ClientSession(at.rest) as http:
            found = Site(process, config, outside, http)
            loop = asyncio.get_running_loop()
            # Whoever does not listen holds the daemon up.
            loop.add_reader(manager, lambda: found.hear(manager.recv(65536)))
            yield found
            loop.remove_reader(manager)


@pytest.mark.parametrize("name", CASES)
async def test_a_reload_has_its_effect_at_once(site: Site, name: str) -> None:
    changes, seen = CASES[name]
    if name == "tasks.configuration_file":
        (site.process.state_dir.parent / "site.yaml").write_text("seed: 4\n")
    site.burst_id = name.replace(".", "-")
    site.began = len(site.lines())
    await site.reload({})
    changed, _ = await site.reload(changes)
    assert set(changed) == set(changes)
    await seen(site)


def another(key: msgspec.structs.FieldInfo) -> Any:
    match key.default:
        case int() | float():
            return key.default * 2
        case _ if key.name == "format":
            return "console"
        case _ if key.name == "sandbox":
            return "off"
        case _ if key.name.endswith("subject"):
            return f"{key.default}.another"
        case _ if key.name == "url":
            return ""
        case _:
            return f"{key.default}another"


async def test_what_needs_a_restart_is_named_in_the_log_and_in_the_answer(
    site: Site,
) -> None:
    site.burst_id = "restart"
    wanted = {name: another(KEYS[name]) for name in RESTART}
    wanted |= {
        "compute.dask": "tls://localhost:1",
        "database.migration_url": "mysql://owner@localhost/x",
        "database.url": "mysql://me@localhost/x",
        "nats.url": "nats://localhost:1",
    }
    differing = {
        name for name in RESTART if wanted[name] != site.base.get(name, KEYS[name].default)
    }
    assert differing == RESTART
    await site.reload({})
    changed, waiting = await site.reload(wanted)
    assert changed == []
    assert set(waiting) == RESTART
    told = [status for status in site.told if status.startswith("settings reloaded; ")]
    assert set(told[-1].partition("these need a restart: ")[2].split(", ")) == RESTART
    assert await site.upload() == 201
    _, waiting = await site.reload({})
    assert waiting == []


async def test_the_limits_of_a_stop_are_those_of_the_last_reload(site: Site) -> None:
    site.burst_id = "stop"
    begun = asyncio.Event()

    async def for_ever() -> AsyncIterator[bytes]:
        while True:
            yield bytes(10_000)
            begun.set()
            await asyncio.sleep(0.1)

    async def hang() -> None:
        query = {"burst_id": site.burst_id, "name": "slow.fits"}
        with contextlib.suppress(aiohttp.ClientError):
            await site.post("/api/v1/data", params=query, data=for_ever())

    await site.upload()
    assert await site.order("stop", configuration=LONG) == 201
    await site.until(lambda: site.get("/api/v1/task/stop"), lambda view: view["state"] == "running")
    async with asyncio.TaskGroup() as group:
        hanging = group.create_task(hang())
        await begun.wait()
        changed, _ = await site.reload(AT_STOP)
        assert set(changed) == set(AT_STOP)
        assert await site.process.stop(limit_s=LIMIT_S) == 0
        hanging.cancel()
