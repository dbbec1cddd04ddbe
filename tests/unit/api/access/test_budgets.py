"""Each client has a budget of requests, told in the headers of every response."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

import aiohttp
import pytest
from aiohttp.test_utils import make_mocked_request

from eclgrmd.api.access.budgets import Budgets
from eclgrmd.api.access.client import Client
from eclgrmd.api.access.known_tokens import KnownTokens
from eclgrmd.api.middleware.problems import TooMuchError
from eclgrmd.api.server import RestServer
from eclgrmd.api.services import Services
from eclgrmd.metrics import Metrics
from eclgrmd.store.sql.database import Database
from tests.support.settings import live

ID = "0" * 32
PROXY = {"proxy_user_header": "X-Remote-User"}


class Served(NamedTuple):
    http: aiohttp.ClientSession
    metrics: Metrics

    async def ask(self, **headers: str) -> aiohttp.ClientResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.http.get("/api/v1/login", headers=named) as answer:
            await answer.read()
            return answer


@asynccontextmanager
async def serving(**rest: Any) -> AsyncIterator[Served]:
    settings, metrics = live(rest={"port": 0, **rest}), Metrics()
    tokens = KnownTokens(cast(Database, None))
    services = SimpleNamespace(settings=settings, metrics=metrics, tokens=tokens)
    server = RestServer(cast(Services, services))
    await server.start()
    async with aiohttp.ClientSession(server.url) as http:
        yield Served(http, metrics)
    await server.stop()


async def test_beyond_the_budget_the_answer_says_when_to_come_again() -> None:
    async with serving(client_requests=2) as served:
        first, second, third = [await served.ask() for _ in range(3)]
    assert (first.status, second.status, third.status) == (200, 200, 429)
    assert first.headers["RateLimit-Policy"] == '"client";q=2;w=60'
    assert first.headers["RateLimit"].startswith('"client";r=1;t=')
    assert third.headers["RateLimit"].startswith('"client";r=0;t=')
    assert 1 <= int(third.headers["Retry-After"]) <= 30
    assert third.content_type == "application/problem+json"
    assert b'eclgrmd_http_limited_total{limit="requests"} 1.0' in served.metrics.encode()


async def test_a_wrong_token_spends_the_budget_of_its_address() -> None:
    async with serving(client_requests=2) as served:
        found = [(await served.ask(Authorization="Bearer no")).status for _ in range(3)]
        assert found == [401, 401, 429]
        assert (await served.ask()).status == 429


async def test_users_and_addresses_behind_a_trusted_proxy_have_budgets_of_their_own() -> None:
    async with serving(client_requests=1, **PROXY) as served:
        for user in ("amy", "ben"):
            assert (await served.ask(X_Remote_User=user)).status == 200
            assert (await served.ask(X_Remote_User=user)).status == 429
        for address in ("192.0.2.1", "192.0.2.2"):
            # Only the last one is the proxy's; a client may send the others.
            told = f"{address}9, {address}"
            assert (await served.ask(X_Forwarded_For=told)).status == 401
            assert (await served.ask(X_Forwarded_For=f"10.0.0.1, {told}")).status == 429


async def test_without_a_trusted_proxy_a_forwarded_address_is_worth_nothing() -> None:
    async with serving(client_requests=1) as served:
        assert (await served.ask(X_Forwarded_For="192.0.2.1")).status == 401
        assert (await served.ask(X_Forwarded_For="192.0.2.2")).status == 429


async def test_a_client_with_a_full_budget_takes_no_memory() -> None:
    budgets, request = (
        Budgets(live(rest={"client_requests": 10**9})),
        make_mocked_request("GET", "/"),
    )
    for number in range(5000):
        budgets.spend(request, f"address {number}")
    assert len(budgets._full_at_s) <= 2000


async def test_the_whole_budget_may_be_spent_at_once() -> None:
    budgets, request = Budgets(live(rest={"client_requests": 100})), make_mocked_request("GET", "/")
    for _ in range(100):
        budgets.spend(request, "a")
    with pytest.raises(TooMuchError, match="more than 100 requests a minute"):
        budgets.spend(request, "a")
    budgets.spend(request, "b")


@pytest.mark.parametrize(
    ("client", "key"),
    [
        (Client(token_id=ID, address="192.0.2.1"), f"token {ID}"),
        (Client(name="amy", by_proxy=True, address="192.0.2.1"), "user amy"),
        (Client(name="local", address="127.0.0.1"), "address 127.0.0.1"),
        (Client(address="::ffff:192.0.2.1"), "address 192.0.2.1"),
        (Client(address="2001:db8:1:2:3:4:5:6"), "address 2001:db8:1:2::/64"),
        (Client(address="::1"), "address ::1"),
        (Client(address=""), "address "),
    ],
)
def test_who_shares_a_budget(client: Client, key: str) -> None:
    assert client.key == key
