"""Whatever ends while figures are drawn: they are drawn again, and the result stays as it was."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import nats
import pytest

from eclgrmd.embedded import PrivateMariaDB, PrivateNats
from testbench.daemon_process import DaemonProcess
from testbench.faults.daemons.held_drawing_work import HELD, HOLD, notes
from testbench.faults.site import SETTINGS
from testbench.tiny import TINY_CONFIGURATION, tiny_light_curve, tiny_task
from tests.support.limits import LIMIT_S

MODULE = "testbench.faults.daemons.held_drawing"
BURST = "b"


@pytest.fixture
def held(tmp_path: Path) -> Path:
    """Return the folder of the notes, with the file that holds drawings."""
    folder = tmp_path / "held"
    folder.mkdir()
    (folder / HOLD).touch()
    return folder


@asynccontextmanager
async def running(
    folder: Path, held: Path, settings: dict[str, str] | None = None
) -> AsyncIterator[DaemonProcess]:
    daemon = DaemonProcess(
        folder, workers=1, settings={**(settings or {}), HELD: str(held)}, module=MODULE
    )
    try:
        await daemon.start(limit_s=LIMIT_S)
        yield daemon
    finally:
        await daemon.kill()


async def deliver(url: str, *tasks: str, figures: str = "now") -> None:
    """Upload a small light curve, then submit tasks on it."""
    async with aiohttp.ClientSession(url) as http:
        query = {"burst_id": BURST, "name": "a.fits"}
        async with http.post("/api/v1/data", params=query, data=tiny_light_curve(1)) as answer:
            assert answer.status == 201, await answer.text()
        for name in tasks:
            task = tiny_task(name, BURST, [{"name": "a.fits"}])
            task["configuration"] = {**TINY_CONFIGURATION, "products": {"figures": figures}}
            async with http.post("/api/v1/task", json=task) as answer:
                assert answer.status == 201, await answer.text()


async def until(condition: Callable[[], Any]) -> Any:
    async with asyncio.timeout(LIMIT_S):
        while True:
            if found := condition():
                return found
            await asyncio.sleep(0.02)


async def view_once(url: str, task: str, wanted: Callable[[dict[str, Any]], bool]) -> Any:
    """Return a task as soon as it is as wanted."""
    async with aiohttp.ClientSession(url) as http, asyncio.timeout(LIMIT_S):
        while True:
            async with http.get(f"/api/v1/task/{task}") as answer:
                view = await answer.json()
            if wanted(view):
                return view
            await asyncio.sleep(0.05)


def are_drawn(view: dict[str, Any]) -> bool:
    return bool(view["figures"]["state"] == "done")


async def announced(url: str) -> list[tuple[str, str]]:
    """Return task and state of figures of all messages about products so far."""
    client = await nats.connect(url)
    try:
        stream = client.jetstream()
        wanted = f"eclgrm.v1.products.{BURST}"
        there = await stream.stream_info("ECLGRM-V1", subjects_filter=wanted)
        number = (there.state.subjects or {}).get(wanted, 0)
        subscription = await stream.subscribe(wanted, ordered_consumer=True)
        messages = [await subscription.next_msg(timeout=LIMIT_S) for _ in range(number)]
        found = [json.loads(message.data) for message in messages]
        return [(each["task_id"], each["figures"]) for each in found]
    finally:
        await client.close()


async def announced_with(url: str, number: int) -> list[tuple[str, str]]:
    """Return the messages about products, once there are so many."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            if len(found := await announced(url)) >= number:
                return found
            await asyncio.sleep(0.05)


async def test_a_worker_killed_while_it_draws_costs_only_the_drawing(
    tmp_path: Path, held: Path
) -> None:
    async with running(tmp_path, held) as daemon:
        at = daemon.running_endpoints()
        await deliver(at.rest, "t")
        (drawing,) = await until(lambda: notes(held, "drawing", "t"))
        before = await view_once(at.rest, "t", lambda view: bool(view["products"]))
        os.kill(drawing, signal.SIGKILL)
        (held / HOLD).unlink()
        after = await view_once(at.rest, "t", are_drawn)
        messages = await announced_with(at.nats, 2)
    assert messages == [("t", "queued"), ("t", "done")]
    assert len(notes(held, "analysis", "t")) == 1
    assert len(notes(held, "drawing", "t")) == 2
    assert after["figures"]["attempts"] == 2
    assert after["attempts"] == 1
    assert [each for each in after["products"] if each["kind"] != "figure"] == before["products"]


async def test_a_daemon_killed_between_the_announcements_computes_nothing_again(
    tmp_path: Path, held: Path
) -> None:
    async with running(tmp_path, held) as daemon:
        at = daemon.running_endpoints()
        await deliver(at.rest, "t")
        await announced_with(at.nats, 1)
        await until(lambda: notes(held, "drawing", "t"))
        before = await view_once(at.rest, "t", lambda view: bool(view["products"]))
        await daemon.kill()
        (held / HOLD).unlink()
        await daemon.start(limit_s=LIMIT_S)
        at = daemon.running_endpoints()
        after = await view_once(at.rest, "t", are_drawn)
        messages = await announced_with(at.nats, 2)
    assert messages == [("t", "queued"), ("t", "done")]
    assert len(notes(held, "analysis", "t")) == 1
    assert len(notes(held, "drawing", "t")) == 2
    assert after["finished_at"] == before["finished_at"]
    sums = {each["name"]: each["sha256"] for each in after["products"]}
    assert {each["name"]: each["sha256"] for each in before["products"]}.items() <= sums.items()


async def test_two_daemons_draw_waiting_figures_once(tmp_path: Path, held: Path) -> None:
    names = [f"t{number}" for number in range(6)]
    async with AsyncExitStack() as stack:
        mariadb, broker = PrivateMariaDB(tmp_path), PrivateNats(tmp_path)
        for server in (mariadb, broker):
            await stack.enter_async_context(server)
        shared = SETTINGS | {
            "ECLGRMD_REST_OPEN_LOOPBACK": "on",
            "ECLGRMD_DATABASE_URL": f"mysql://{mariadb.user}@/eclgrmd"
            f"?unix_socket={mariadb.unix_socket}",
            "ECLGRMD_NATS_URL": broker.bare_url,
            "ECLGRMD_NATS_USER": broker.user,
            "ECLGRMD_NATS_PASSWORD_FILE": str(broker.password_file),
            "ECLGRMD_STORAGE_FILES_DIR": str(tmp_path / "files"),
        }
        daemons = [
            await stack.enter_async_context(running(tmp_path / name, held, shared))
            for name in ("one", "other")
        ]
        at = daemons[0].running_endpoints()
        await deliver(at.rest, *names)
        # Each daemon has one worker: both draw, the other figures wait.
        await until(lambda: sum(len(notes(held, "drawing", name)) for name in names) == 2)
        (held / HOLD).unlink()
        for name in names:
            await view_once(at.rest, name, are_drawn)
        messages = await announced_with(broker.url, 2 * len(names))
    assert sorted(messages) == sorted(
        (name, state) for name in names for state in ("queued", "done")
    )
    for name in names:
        assert len(notes(held, "drawing", name)) == 1, name
        assert len(notes(held, "analysis", name)) == 1, name


async def test_a_request_for_figures_that_wait_gets_a_202_that_says_so(
    tmp_path: Path, held: Path
) -> None:
    async with running(tmp_path, held) as daemon:
        at = daemon.running_endpoints()
        await deliver(at.rest, "t", "u", figures="later")
        await announced_with(at.nats, 2)
        async with aiohttp.ClientSession(at.rest) as http:
            states = {}
            for path in ("/api/v1/products/t/GRM-LC.png?wait=0", "/api/v1/task/u/figures?wait=0"):
                async with http.get(path) as answer:
                    assert answer.status == 202
                    assert int(answer.headers["Retry-After"]) > 0
                    states[path] = await answer.json()
                assert states[path]["link"] == path
                assert "request this link again" in states[path]["detail"]
            await until(lambda: notes(held, "drawing", "t"))
            for task, state in (("t", "running"), ("u", "queued")):
                async with http.get(f"/api/v1/task/{task}/figures?wait=0") as answer:
                    assert (answer.status, (await answer.json())["state"]) == (202, state)
            async with http.get("/api/v1/task/t/figures?wait=long") as answer:
                assert answer.status == 422
                assert "wait" in (await answer.json())["detail"]
            await counted(http, queued=1, running=1, done=0)
            (held / HOLD).unlink()
            for path in states:
                async with asyncio.timeout(LIMIT_S):
                    assert await drawn(http, path)
            await counted(http, queued=0, running=0, done=2)


async def drawn(http: aiohttp.ClientSession, path: str) -> bytes:
    """Request figures as a patient client does: until the answer is no longer 202."""
    while True:
        async with http.get(path.replace("wait=0", "wait=60")) as answer:
            if answer.status != 202:
                assert answer.status == 200
                return await answer.read()


async def counted(http: aiohttp.ClientSession, **wanted: int) -> None:
    """Wait until the metrics, which count at most once in 10 s, count figures as wanted."""
    lines = {f'eclgrmd_figures{{state="{state}"}} {float(n)}' for state, n in wanted.items()}
    async with asyncio.timeout(LIMIT_S):
        while True:
            async with http.get("/metrics") as answer:
                found = (await answer.text()).splitlines()
            if lines <= set(found):
                break
            await asyncio.sleep(0.5)
    age_s = next(float(s.split()[1]) for s in found if s.startswith("eclgrmd_figures_age_seconds "))
    assert (age_s > 0.0) == (wanted["queued"] + wanted["running"] > 0)
