"""Links in notifications lead to listed servers only, and what these say stays with the daemon."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import nats
import pytest
from aiohttp import web

from testbench.daemon_process import DaemonProcess
from testbench.tiny import tiny_light_curve
from tests.support.limits import LIMIT_S
from tests.support.serving import answering

SECRET = b"SECRET of an inner service"
REBINDING = '''"""Look-ups of rebind.test: listed at the first, an inner address from then on."""

import itertools
import socket

_asked = itertools.count()
_before = socket.getaddrinfo


def _answer(host, *args, **options):
    if host in ("rebind.test", b"rebind.test"):
        host = "127.0.0.1" if next(_asked) == 0 else "127.0.0.2"
    return _before(host, *args, **options)


socket.getaddrinfo = _answer
'''


@pytest.fixture
async def attacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DaemonProcess]:
    """Run a daemon that may fetch from one loopback address, and from the name of an attacker."""
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks" / "sitecustomize.py").write_text(REBINDING)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "hooks"))
    (tmp_path / "token").write_text("bearer-of-the-mission")
    daemon = DaemonProcess(
        tmp_path,
        settings={
            "ECLGRMD_LINKS_ALLOW": "http://127.0.0.1:*,http://rebind.test:*",
            "ECLGRMD_LINKS_NETWORKS": "127.0.0.1/32",
            "ECLGRMD_TASKS_FETCH_ATTEMPTS": "2",
            "ECLGRMD_TASKS_POLL_S": "0.2",
        },
    )
    await daemon.start()
    yield daemon
    await daemon.stop()


@asynccontextmanager
async def inner() -> AsyncIterator[tuple[int, list[str]]]:
    """Serve a secret on every loopback address, and note who asks."""
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(str(writer.get_extra_info("sockname")[0]))
        await reader.readline()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 26\r\nConnection: close\r\n\r\n" + SECRET)
        writer.close()

    every = await asyncio.start_server(serve, "0.0.0.0", 0)  # noqa: S104 - a test's own server
    port = every.sockets[0].getsockname()[1]
    async with every, await asyncio.start_server(serve, "::1", port):
        yield port, asked


async def fetched(daemon: DaemonProcess, links: dict[str, str], content: bytes) -> dict[str, Any]:
    """Announce links, and return what became of them by name."""
    at = daemon.running_endpoints()
    digest = hashlib.sha256(content).hexdigest()
    files = [
        {"name": name, "url": url, "size": len(content), "sha256": digest}
        for name, url in links.items()
    ]
    client = await nats.connect(at.nats)
    message = {"type": "data", "id": "attack", "burst_id": "attack", "files": files}
    await client.jetstream().publish("data.bandx", json.dumps(message).encode())
    await client.close()
    async with asyncio.timeout(LIMIT_S), aiohttp.ClientSession(at.rest) as http:
        while True:
            async with http.get("/api/v1/data", params={"burst_id": "attack"}) as answer:
                found = {row["name"]: row for row in (await answer.json())["data"]}
            if set(found) == set(links):
                return found
            await asyncio.sleep(0.1)


async def test_no_link_leads_inside_and_no_answer_is_told(attacked: DaemonProcess) -> None:
    headers: list[tuple[str, str | None]] = []
    content = tiny_light_curve(1)

    async def outside(request: web.Request) -> web.StreamResponse:
        headers.append((request.path, request.headers.get("Authorization")))
        if request.path == "/good.fits":
            return web.Response(body=content)
        if request.path.startswith("/to/"):
            target = request.path_qs.removeprefix("/to/")
            return web.Response(status=302, headers={"Location": target})
        return web.Response(status=403, reason="SECRET of a server")

    async with inner() as (port, asked), answering(outside) as url:
        links = {
            "v6.fits": f"http://[::1]:{port}/",
            "mapped.fits": f"http://[::ffff:127.0.0.1]:{port}/",
            "other.fits": f"http://127.0.0.2:{port}/",
            "zero.fits": f"http://0:{port}/",
            "decimal.fits": f"http://2130706433:{port}/",
            "octal.fits": f"http://0177.0.0.1:{port}/",
            "name.fits": f"http://localhost:{port}/",
            "cloud.fits": "http://169.254.169.254/latest/meta-data",
            "redirect.fits": f"{url}/to/http://127.0.0.2:{port}/",
            "file.fits": f"{url}/to/file:///etc/passwd",
            "loop.fits": f"{url}/to/{url}/to/{url}/to/{url}/to/{url}/to/{url}/good.fits",
            "reason.fits": f"{url}/reason",
            "login.fits": f"{url.replace('//', '//me:hidden@')}/reason?key=hidden",
            "good.fits": f"{url}/good.fits",
        }
        found = await fetched(attacked, links, content)
    assert {name: row["state"] for name, row in found.items() if row["state"] == "accepted"} == {
        "good.fits": "accepted"
    }
    assert asked == []
    told = json.dumps(found) + attacked.log.read_text(encoding="utf-8")
    assert "SECRET" not in told
    assert "hidden" not in told


async def test_a_name_that_is_rebound_leads_nowhere(attacked: DaemonProcess) -> None:
    content = tiny_light_curve(1)

    async def outside(request: web.Request) -> web.StreamResponse:
        """Break off, so that the daemon comes again, and looks the name up again."""
        response = web.StreamResponse(headers={"Connection": "close"})
        response.content_length = len(content)
        await response.prepare(request)
        await response.write(content[:100])
        assert request.transport is not None
        request.transport.close()
        return response

    async with answering(outside) as url:
        port = url.rpartition(":")[2]
        found = await fetched(attacked, {"a.fits": f"http://rebind.test:{port}/a"}, content)
    assert "is at 127.0.0.2, no public address" in found["a.fits"]["reason"]
