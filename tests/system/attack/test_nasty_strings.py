"""One table of nasty strings at every door: no path, subject, header, log line or escape of theirs.

A string may be refused, or accepted where any text is allowed, but never acts as anything else.
"""

import asyncio
import io
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

import nats
import pytest
from astropy.io import fits

from eclgrmd.cli import main as eclgrmd
from eclgrmd.cli.control import main as eclgrmctl
from eclgrmd.model.access import Role
from testbench.daemon_process import DaemonProcess
from testbench.fuzz.seeds import NOTICES
from testbench.tiny import tiny_light_curve
from tests.support.attack import Answered, Door
from tests.support.limits import LIMIT_S
from tests.support.nasty import NASTY

EVERY = pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
SUBJECT = re.compile(r"[A-Za-z0-9_:+%$-]+(\.[A-Za-z0-9_:+%$-]+)*")
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._:+%#-]*")
TRACE = Path("/tmp/eclgrmd-nasty")  # noqa: S108 - must not appear
JSON_TYPES = ("application/json", "application/problem+json")
JSON = {"Content_Type": "application/json"}
PATHS = (
    "/api/v1/task/{}",
    "/api/v1/task/{}/logs",
    "/api/v1/task/{}/configuration",
    "/api/v1/products/{}/result.json",
    "/api/v1/products/t1/{}",
    "/api/v1/bursts/{}",
    "/api/v1/bursts/{}/vhf/products/1/{}",
    "/api/v1/data/{}",
    "/x{}",
    "/api/v1/task?burst_id={}",
    "/api/v1/data?burst_id={}&state={}",
    "/api/v1/products?after={}",
    "/api/v1/events?kind={}",
    "/api/v1/compare?left={}&right={}",
)


class Watched:
    """A daemon, with an operator's token, and what it must never do."""

    def __init__(self, process: DaemonProcess, door: Door, token: str) -> None:
        self.process, self.door, self.token = process, door, token

    def ask(self, method: str, path: str, content: bytes | None = None, **headers: str) -> Answered:
        """Send a request; check that the response is harmless, and no fault of ours."""
        answer = self.door.ask(method, path, content, token=self.token, **headers)
        assert answer.status < 500, (path, answer.body)
        assert "X-Injected" not in answer.headers
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        # What aiohttp cannot read, such as an endless path, it refuses in plain text.
        plain = ["text/plain"] if answer.status == HTTPStatus.BAD_REQUEST else []
        assert answer.headers.get_content_type() in (*JSON_TYPES, *plain)
        return answer

    def new_lines(self, since: int) -> list[dict[str, Any]]:
        """Return the lines of the log from one on: each is an object of ours."""
        with self.process.log.open(encoding="utf-8", newline="\n") as log:
            return [json.loads(line) for line in list(log)[since:]]


@pytest.fixture
def watched(guarded: DaemonProcess, door: Door, tokens: dict[Role, str]) -> Iterator[Watched]:
    """The daemon; afterwards its log and its files are as they should be."""
    found = Watched(guarded, door, tokens[Role.OPERATOR])
    before = len(found.new_lines(0))
    yield found
    assert not TRACE.exists()
    lines = found.new_lines(before)
    assert all(line["event"] != "injected" for line in lines)
    assert all(line["level"] != "error" for line in lines), lines
    folder = guarded.state_dir.parent
    assert {each.name for each in folder.iterdir()} <= {"state", "daemon.log", "eclgrmd.toml"}
    for part in ("files", "scratch"):
        names = [path.name for path in (guarded.state_dir / part).rglob("*")]
        assert all(map(NAME.fullmatch, names)), names


@EVERY
def test_in_paths_and_queries(watched: Watched, text: str) -> None:
    written = quote(text, safe="")
    for path in PATHS:
        answer = watched.ask("GET", path.replace("{}", written))
        assert answer.status < 300 or answer.status in (400, 404, 409, 422)


@EVERY
def test_in_bodies(watched: Watched, text: str) -> None:
    bodies = (
        {"id": text, "burst_id": "b1", "inputs": [{"name": "a.fits"}]},
        {"id": "nasty-1", "burst_id": text, "inputs": [{"name": "a.fits"}]},
        {"id": "nasty-2", "burst_id": "b1", "inputs": [{"name": text}]},
        {"id": "nasty-3", "burst_id": "b1", "inputs": [{"name": "a", "url": text}]},
        {"id": "nasty-4", "burst_id": "b1", "analysis": text, "inputs": [{"name": "a"}]},
        {"id": "nasty-5", "burst_id": "b1", "configuration": {text: text}, "inputs": []},
    )
    for body in bodies:
        answer = watched.ask("POST", "/api/v1/task", json.dumps(body).encode(), **JSON)
        assert answer.status in (201, 409, 422)
    named = {"name": text or "none", "role": "reader", "expires_days": 1}
    watched.ask("POST", "/api/v1/tokens", json.dumps(named).encode(), **JSON)
    watched.ask("GET", "/api/v1/tokens")
    packet = {"type": "alert", "burst_id": text, "number": 0, "time_s": 3e8}
    watched.ask("POST", "/api/v1/packet", json.dumps(packet).encode(), **JSON)


@pytest.mark.parametrize("text", ['"\\ud800"', '"\\udfff\\ud800"', '"a\\ud83d"'])
def test_surrogates_in_bodies(watched: Watched, text: str) -> None:
    body = f'{{"id": {text}, "burst_id": "b1", "inputs": [{{"name": {text}}}]}}'
    assert watched.ask("POST", "/api/v1/task", body.encode(), **JSON).status in (400, 422)


@EVERY
def test_in_names_of_files(watched: Watched, text: str) -> None:
    written = quote(text, safe="")
    for query in (f"burst_id={written}&name=a.fits", f"burst_id=b1&name={written}"):
        answer = watched.ask(
            "POST", f"/api/v1/data?{query}", b"no file", Content_Type="application/fits"
        )
        assert answer.status == 422


@EVERY
def test_in_notices(watched: Watched, text: str) -> None:
    for old in (b'"sb26010101"', b'"ivo://org.svom/fsc#sb26010101_grm-trigger"'):
        notice = NOTICES[0].replace(old, quoteattr(text).encode("utf-8"))
        watched.ask("POST", "/api/v1/notice", notice, Content_Type="application/xml")


@pytest.mark.parametrize("key", ["OBJECT", "DETNAM", "INSTRUME", "TELESCOP", "RESPFILE"])
def test_in_keywords_of_fits(watched: Watched, key: str) -> None:
    texts = [text for text in NASTY.values() if text.isascii() and text.isprintable()]
    for number, text in enumerate(texts):
        written = io.BytesIO()
        with fits.open(io.BytesIO(tiny_light_curve(1))) as hdus:
            for hdu in hdus:
                hdu.header[key] = (text[:60], "")
            hdus.writeto(written)
        answer = watched.ask(
            "POST",
            f"/api/v1/data?burst_id=fits-{key}&name=f{number}.fits",
            written.getvalue(),
            Content_Type="application/fits",
        )
        assert answer.status in (200, 201, 409, 422)
    watched.ask("GET", f"/api/v1/data?burst_id=fits-{key}")


class Subjects:
    def __init__(self) -> None:
        self.seen: list[str] = []
        self.ended = asyncio.Event()
        """Set when the last task was announced."""


@asynccontextmanager
async def subjects(process: DaemonProcess) -> AsyncIterator[Subjects]:
    """Collect the subjects of all that is announced."""
    found = Subjects()

    async def note(message: Any) -> None:
        found.seen.append(message.subject)
        if "fence" in message.subject:
            found.ended.set()

    client = await nats.connect(process.running_endpoints().nats)
    try:
        for subject in ("activity.>", "eclgrm.>"):
            await client.subscribe(subject, cb=note)
        await client.flush()
        yield found
    finally:
        await client.close()


async def test_in_messages_of_nats(watched: Watched) -> None:
    async with subjects(watched.process) as found:
        client = await nats.connect(watched.process.running_endpoints().nats)
        send = client.jetstream().publish
        for number, text in enumerate(NASTY.values()):
            link = {"name": text, "url": text, "size": 1, "sha256": "0" * 64}
            for message in (
                {"type": "task", "id": text, "burst_id": text, "inputs": [{"name": text}]},
                {"type": "task", "id": f"n-{number}", "burst_id": "b1", "inputs": [{"name": text}]},
                {"type": "data", "id": text, "burst_id": "b1", "files": [link]},
                {"type": text, "id": "x", "burst_id": "b1"},
            ):
                await send("data.bandx", json.dumps(message).encode())
            packet = {"type": text, "burst_id": text, "number": 0}
            await send("data.vhf", json.dumps(packet).encode())
        last = {"type": "task", "id": "fence", "burst_id": "fence", "inputs": [{"name": "a.fits"}]}
        await send("data.bandx", json.dumps(last).encode())
        async with asyncio.timeout(LIMIT_S):
            await found.ended.wait()
        await client.close()
    assert all(map(SUBJECT.fullmatch, found.seen)), found.seen


@pytest.mark.parametrize(
    "text",
    [pytest.param(text, id=name) for name, text in NASTY.items() if text.strip("\0 ")],
)
def test_on_the_command_line(
    watched: Watched,
    text: str,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("ECLGRMCTL_TOKEN", watched.token)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for status in (
        eclgrmctl(["task", "--url", watched.door.url, "--", text]),
        eclgrmctl(["burst", "--url", watched.door.url, "--", text]),
        eclgrmctl(["tasks", "--url", watched.door.url]),
        eclgrmd(["check-config", "--settings", text]),
    ):
        assert status in (0, 1, 2)
    said = "".join(capfd.readouterr())
    assert "Traceback" not in said
    assert not re.search(r"[^\n -~\u00a1-\u1fff\u2030-\u2bff\ufffd\U0001f300-\U0001faff]", said), (
        ascii(said)
    )
