"""The client repeats what may succeed later, and turns everything else into one clear error."""

from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from eclgrmd.client import AsyncClient, RefusedError, UnavailableError
from eclgrmd.errors import InputError
from eclgrmd.model.rest import API
from eclgrmd.model.rest.queries import BurstOrder, BurstQuery

Handler = Callable[[web.Request], web.StreamResponse]


class Scripted:
    """A server that gives prepared answers to the paths of the daemon, one after the other."""

    def __init__(self) -> None:
        self.answers: list[Handler] = []
        self.requests: list[web.Request] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        return self.answers.pop(0)(request)


@pytest.fixture
async def server() -> AsyncIterator[Scripted]:
    scripted = Scripted()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", scripted.handle)
    async with TestServer(app) as running:
        scripted.url = str(running.make_url("")).rstrip("/")
        yield scripted


def problem(status: int, detail: str, **headers: str) -> Handler:
    body = {"title": "No", "status": status, "detail": detail}
    return lambda _request: web.json_response(body, status=status, headers=headers)


def lines(*names: str) -> Handler:
    return lambda _request: web.json_response({"lines": [{"event": name} for name in names]})


async def test_a_busy_daemon_is_asked_again_after_the_time_it_names(server: Scripted) -> None:
    server.answers = [
        problem(503, "stopping", **{"Retry-After": "0"}),
        problem(429, "too many", **{"Retry-After": "0"}),
        lines("done"),
    ]
    async with AsyncClient(server.url) as client:
        assert await client.logs("t") == [{"event": "done"}]
    assert [each.path for each in server.requests] == [f"{API}/task/t/logs"] * 3


async def test_patience_has_an_end(server: Scripted) -> None:
    server.answers = [problem(429, "the most allowed tasks are open", **{"Retry-After": "7"})]
    async with AsyncClient(server.url, retry_s=5.0) as client:
        with pytest.raises(UnavailableError, match="most allowed tasks are open") as caught:
            await client.logs("t")
    assert caught.value.delay_s == 7.0


async def test_a_refusal_is_not_repeated_and_says_why(server: Scripted) -> None:
    server.answers = [problem(404, "no task 't'")]
    async with AsyncClient(server.url) as client:
        with pytest.raises(RefusedError, match="no task 't'") as caught:
            await client.logs("t")
    assert caught.value.status == 404


@pytest.mark.parametrize(("status", "kind"), [(400, RefusedError), (502, UnavailableError)])
async def test_a_proxy_without_a_reason_is_reported_by_its_status(
    server: Scripted, status: int, kind: type[Exception]
) -> None:
    server.answers = [lambda _request: web.Response(status=status, text="<html>")]
    async with AsyncClient(server.url) as client:
        with pytest.raises(kind, match=f"status {status} without a reason"):
            await client.logs("t")


async def test_another_server_is_recognised(server: Scripted) -> None:
    server.answers = [lambda _request: web.Response(text="hello")]
    async with AsyncClient(server.url) as client:
        with pytest.raises(UnavailableError, match="unexpected answer"):
            await client.logs("t")


async def test_no_daemon_is_an_error_at_once() -> None:
    async with AsyncClient("http://127.0.0.1:9") as client:
        with pytest.raises(UnavailableError, match=r"127\.0\.0\.1:9 does not answer: .*refused"):
            await client.status()


@pytest.mark.parametrize("url", ["127.0.0.1:8641", "ftp://host", "http://"])
async def test_a_wrong_url_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="must start with http:// or https://"):
        AsyncClient(url)


async def test_all_pages_are_read(server: Scripted) -> None:
    def page(name: str, following: str | None) -> Handler:
        burst = {
            "id": name, "t0_utc": None, "t0_met_s": None, "created_at": "2026-11-22T10:00:00Z",
            "state": "new", "stream": None, "instrument": None, "significance": None,
            "t90_s": None, "epeak_kev": None,
            "fluence_erg": None, "class": None, "data_files": 0, "tasks": 0, "products": 0,
            "claim": None, "record": None,
        }  # fmt: skip
        return lambda _request: web.json_response({"bursts": [burst], "next": following})

    server.answers = [page("a+1", f"{API}/bursts?after=a%2B1"), page("b", None)]
    async with AsyncClient(server.url) as client:
        query = BurstQuery(min_t90_s=2.5, burst_class="long", sort=BurstOrder.T0_DOWN)
        assert [burst.id async for burst in client.bursts(query)] == ["a+1", "b"]
    asked = {"min_t90_s": "2.5", "class": "long", "sort": "-t0"}
    assert dict(server.requests[0].query) == asked
    assert server.requests[1].query["after"] == "a+1"


async def test_all_attempts_of_a_post_have_the_same_key(server: Scripted) -> None:
    def busy(status: int) -> Handler:
        return lambda _request: web.json_response({}, status=status, headers={"Retry-After": "0"})

    done: Handler = lambda _request: web.json_response({})  # noqa: E731
    server.answers = [busy(503), busy(409), done, done, done]
    async with AsyncClient(server.url) as client:
        await client.fetch("a")
        await client.fetch("a")
        await client.connection.ask(dict[str, str], "GET", "/x")
    keys = [request.headers.get("Idempotency-Key") for request in server.requests]
    assert keys[0] is not None
    assert keys[0] == keys[1] == keys[2] != keys[3]
    assert keys[4] is None
