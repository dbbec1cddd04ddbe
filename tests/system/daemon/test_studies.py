"""Whoever doubts the errors of a result asks the daemon for its coverage and its spread."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from testbench.daemon_process import DaemonProcess
from testbench.simulate.delivery import SimulatedBurst
from tests.support.analysed import have_task
from tests.support.limits import LIMIT_S

TASK = "studied"
MEASURED = {
    "instruments": ["GRM"],
    "duration": {"bootstrap": 100, "photon_fluence": False, "character": False},
    "products": {"figures": "never"},
}


@pytest.fixture
async def http(
    daemon: DaemonProcess, burst: SimulatedBurst
) -> AsyncIterator[aiohttp.ClientSession]:
    """Return a session of a daemon that has measured the durations of the burst."""
    at = daemon.running_endpoints().rest
    await have_task(at, burst, TASK, MEASURED, "temporal")
    async with aiohttp.ClientSession(at) as session:
        yield session


async def got(http: aiohttp.ClientSession, path: str) -> dict[str, Any]:
    async with http.get(path) as answer:
        found: dict[str, Any] = await answer.json()
    return found


async def asked(http: aiohttp.ClientSession, path: str, body: object) -> tuple[int, dict[str, Any]]:
    async with http.post(path, json=body) as answer:
        return answer.status, await answer.json()


async def until_done(http: aiohttp.ClientSession, path: str) -> dict[str, Any]:
    async with asyncio.timeout(LIMIT_S):
        while True:
            found = await got(http, path)
            if found["state"] not in {"queued", "running"}:
                assert found["state"] == "done", found
                return found
            await asyncio.sleep(0.2)


async def test_the_coverage_is_computed_for_who_asks_and_becomes_a_product(
    http: aiohttp.ClientSession,
) -> None:
    path = f"/api/v1/task/{TASK}/coverage"
    before = await got(http, path)
    assert (before["state"], before["coverage"]) == ("none", None)

    status, first = await asked(http, path, {"twins": 12})
    assert (status, first["state"], first["number"]) == (202, "queued", 12)
    found = await until_done(http, path)
    assert found["progress"] == 1.0
    badge = found["coverage"]
    assert [each["quantity"] for each in badge["covers"]] == ["t90_s", "t50_s"]
    assert badge["undetected"] + badge["covers"][0]["twins"] == 12
    assert await got(http, f"/products/{TASK}/coverage.json") == badge

    status, again = await asked(http, path, {"twins": 12})
    assert (status, again["asked_at"]) == (200, found["asked_at"])
    status, other = await asked(http, path, {"twins": 3, "seed": 2})
    assert (status, other["coverage"]["twins"]) == (202, 12)
    assert (await until_done(http, path))["coverage"]["twins"] == 3


async def test_the_spread_is_computed_for_who_asks(http: aiohttp.ClientSession) -> None:
    path = f"/api/v1/task/{TASK}/spread"
    assert (await asked(http, path, {"choices": 10}))[0] == 202
    spread = (await until_done(http, path))["spread"]
    assert spread["choices"] == 10
    assert [each["quantity"] for each in spread["quantities"]] == ["t90_s", "t50_s"]
    listed = await got(http, f"/api/v1/task/{TASK}")
    assert "spread.json" in {each["name"] for each in listed["products"]}


async def test_there_is_no_study_without_a_result(http: aiohttp.ClientSession) -> None:
    task = {"id": "unstudied", "burst_id": "nothing", "inputs": [{"name": "missing.fits"}]}
    assert (await asked(http, "/api/v1/task", task))[0] == 201
    status, problem = await asked(http, "/api/v1/task/unstudied/coverage", None)
    assert (status, problem["detail"]) == (409, "task 'unstudied' has no result to study")
    assert (await asked(http, "/api/v1/task/unknown/spread", {}))[0] == 404
    assert (await asked(http, f"/api/v1/task/{TASK}/spread", {"choices": 1}))[0] == 422
