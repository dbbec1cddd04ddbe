"""Who a client is: by a proxy that is trusted, and by the names under which it calls."""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import pytest

from eclgrmd.api.server import RestServer
from eclgrmd.api.services import Services
from eclgrmd.metrics import Metrics
from tests.support.settings import live

Ask = Callable[..., Coroutine[Any, Any, tuple[int, Any]]]
PROXY = {"proxy_user_header": "X-Remote-User", "proxy_role": "scientist"}


@asynccontextmanager
async def serving(**rest: Any) -> AsyncIterator[Ask]:
    """Serve with these settings; ask who the client is."""
    settings = live(rest={"port": 0, **rest})
    services = SimpleNamespace(settings=settings, metrics=Metrics(), tokens=None)
    server = RestServer(cast(Services, services))
    await server.start()
    async with aiohttp.ClientSession(server.url) as http:

        async def ask(*headers: tuple[str, str]) -> tuple[int, Any]:
            async with http.get("/api/v1/login", headers=list(headers)) as answer:
                return answer.status, await answer.json(content_type=None)

        yield ask
    await server.stop()


async def test_the_user_of_a_trusted_proxy_has_the_role_of_the_settings() -> None:
    async with serving(**PROXY) as ask:
        assert await ask(("X-Remote-User", "amy")) == (200, {"name": "amy", "role": "scientist"})


async def test_behind_a_proxy_this_machine_is_no_longer_open() -> None:
    async with serving(**PROXY, open_loopback="on") as ask:
        assert (await ask())[0] == 401


async def test_two_users_at_once_are_none() -> None:
    async with serving(**PROXY) as ask:
        assert (await ask(("X-Remote-User", "amy"), ("X-Remote-User", "root")))[0] == 401


async def test_another_machine_is_no_proxy() -> None:
    async with serving(**PROXY, proxy_addresses=["192.0.2.1"]) as ask:
        assert (await ask(("X-Remote-User", "amy")))[0] == 401


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("grb.example.org", 200),
        ("GRB.example.org:443", 200),
        ("grb.example.org.", 200),
        ("inside", 200),
        ("10.1.2.3:8641", 200),
        ("example.org", 421),
        ("grb.example.org.evil.example", 421),
        ("inside.evil.example", 421),
        ("[::1", 200),
        ("", 200),
    ],
)
async def test_the_names_of_the_service(host: str, status: int) -> None:
    async with serving(public_url="https://grb.example.org/eclgrmd", hosts=["inside"]) as ask:
        assert (await ask(("Host", host)))[0] == status
