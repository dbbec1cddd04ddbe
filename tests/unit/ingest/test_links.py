"""Connections to other servers: each address is checked when it is used, each redirect, too."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.resolver import ThreadedResolver

from eclgrmd.ingest.links import described, follow, open_session
from eclgrmd.model.links import LinkPolicy, LinkRefusedError
from tests.support.serving import answering

LIMITS = aiohttp.ClientTimeout(total=20.0)
LOOPBACK = LinkPolicy.of(["http://127.0.0.1:*"])
Ask = Callable[[str], Awaitable[web.StreamResponse]]


class Names:
    """A resolver that answers what a test wants."""

    def __init__(self) -> None:
        self.answers: Iterator[list[str]] = iter(())
        self.asked: list[str] = []

    async def resolve(
        self, _resolver: ThreadedResolver, host: str, port: int, family: int
    ) -> list[dict[str, object]]:
        self.asked.append(host)
        return [
            {
                "hostname": host,
                "host": address,
                "port": port,
                "family": socket.AF_INET6 if ":" in address else socket.AF_INET,
                "proto": 0,
                "flags": socket.AI_NUMERICHOST,
            }
            for address in next(self.answers)
        ]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """Answer look-ups of names in place of the machine's resolver, which the test cannot set up."""
    names = Names()

    async def resolve(resolver: ThreadedResolver, host: str, port: int, family: int) -> object:
        return await names.resolve(resolver, host, port, family)

    monkeypatch.setattr(ThreadedResolver, "resolve", resolve)
    return names


async def status(policy: LinkPolicy, url: str) -> int:
    async with open_session(lambda: policy, timeout=LIMITS) as session:
        answer = await follow(session, policy, url, headers={}, timeout=LIMITS)
        async with answer:
            return answer.status


async def greet(_request: web.Request) -> web.StreamResponse:
    return web.Response(text="inside", headers={"Connection": "close"})


@pytest.mark.parametrize(
    "answer",
    [["127.0.0.1"], ["::1"], ["10.0.0.8"], ["93.184.216.34", "127.0.0.1"], ["::ffff:127.0.0.1"]],
)
async def test_a_name_at_an_inner_address_is_not_connected_to(
    names: Names, answer: list[str]
) -> None:
    async with answering(greet) as url:
        port = int(url.rpartition(":")[2])
        policy = LinkPolicy.of([f"http://*:{port}"])
        names.answers = iter([answer])
        with pytest.raises(LinkRefusedError, match="no public address"):
            await status(policy, f"http://data.example.org:{port}/")


async def test_a_name_that_is_rebound_is_refused_at_the_next_connection(names: Names) -> None:
    async with answering(greet) as url:
        port = int(url.rpartition(":")[2])
        policy = LinkPolicy.of([f"http://*:{port}"], ["127.0.0.1/32"])
        names.answers = iter([["127.0.0.1"], ["127.0.0.2"]])
        link = f"http://data.example.org:{port}/"
        async with open_session(lambda: policy, timeout=LIMITS) as session:
            first = await follow(session, policy, link, headers={}, timeout=LIMITS)
            first.close()  # its connection is gone, so the name is looked up again
            with pytest.raises(LinkRefusedError, match=r"is at 127\.0\.0\.2"):
                await follow(session, policy, link, headers={}, timeout=LIMITS)
    assert names.asked == ["data.example.org"] * 2


@pytest.mark.parametrize("host", ["localhost", "2130706433", "0177.0.0.1", "0x7f.1", "0"])
async def test_other_spellings_of_loopback_are_not_connected_to(host: str) -> None:
    async with answering(greet) as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises((LinkRefusedError, aiohttp.ClientError)):
            await status(LinkPolicy.of([f"http://*:{port}"]), f"http://{host}:{port}/")


async def test_three_redirects_are_followed_without_the_login_and_no_fourth() -> None:
    seen: list[tuple[str, str | None]] = []

    async def redirect(request: web.Request) -> web.StreamResponse:
        seen.append((request.path, request.headers.get("Authorization")))
        left = int(request.path[1:])
        return (
            web.Response(status=307, headers={"Location": f"/{left - 1}"})
            if left
            else (web.Response(headers={"Set-Cookie": "a=b"}))
        )

    async with answering(redirect) as url:
        login = url.replace("//", "//user:secret@")
        assert await status(LOOPBACK, f"{login}/3") == 200
        assert [(path, header is None) for path, header in seen] == [
            ("/3", False), ("/2", True), ("/1", True), ("/0", True),
        ]  # fmt: skip
        with pytest.raises(LinkRefusedError, match="more than 3 times"):
            await status(LOOPBACK, f"{url}/4")
    assert [path for path, _ in seen[4:]] == ["/4", "/3", "/2", "/1"]


@pytest.mark.parametrize("location", ["http://127.0.0.2:{}/", "http://[::1]:{}/", "ftp://x/", ""])
async def test_a_redirect_to_what_is_not_listed_is_not_followed(location: str) -> None:
    seen: list[str] = []

    async def redirect(request: web.Request) -> web.StreamResponse:
        seen.append(request.path)
        port = request.url.port
        return web.Response(status=302, headers={"Location": location.format(port)})

    async with answering(redirect) as url:
        with pytest.raises(LinkRefusedError):
            await status(LOOPBACK, f"{url}/first")
    assert set(seen) == {"/first"}


async def test_what_another_server_says_is_not_told() -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"SSH-2.0-OpenSSH_9.2p1 SECRET\r\n\r\n")
        await writer.drain()
        writer.close()

    async def refuse(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=403, reason="SECRET")

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    async with server, answering(refuse) as url:
        with pytest.raises(aiohttp.ClientError) as told:
            await status(LOOPBACK, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
        assert "SECRET" not in described(told.value)
        async with open_session(lambda: LOOPBACK, timeout=LIMITS) as session:
            answer = await follow(session, LOOPBACK, url, headers={}, timeout=LIMITS)
            with pytest.raises(aiohttp.ClientResponseError) as refused:
                answer.raise_for_status()
    assert described(refused.value) == "the server responded with status 403"
