"""With no task sent at all, every product appears by itself, and again when better data come."""

import asyncio
import io
from collections.abc import Callable, Iterable
from typing import Any

import aiohttp
import msgspec

from testbench.daemon_process import DaemonProcess
from testbench.simulate.delivery import SimulatedBurst, SimulatedFile
from tests.support.limits import LIMIT_S


async def bring(http: aiohttp.ClientSession, burst_id: str, files: Iterable[SimulatedFile]) -> None:
    for file in files:
        params = {"burst_id": burst_id, "name": file.name, "sha256": file.sha256}
        body = io.BytesIO(file.path.read_bytes())
        async with http.post("/api/v1/data", params=params, data=body) as answer:
            assert answer.status == 201, await answer.text()


async def until(
    http: aiohttp.ClientSession, burst_id: str, look: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    async with asyncio.timeout(LIMIT_S):
        while True:
            async with http.get(f"/api/v1/bursts/{burst_id}") as answer:
                known = await answer.json()
            failed = [t["reason"] for t in known.get("tasks", []) if t["state"] == "failed"]
            assert not failed
            if answer.status == 200 and look(known):
                return dict(known)
            await asyncio.sleep(0.2)


def done(known: dict[str, Any]) -> dict[tuple[str, int], dict[str, Any]]:
    return {(t["series"], t["proc_ver"]): t for t in known["tasks"] if t["state"] == "done"}


async def test_products_appear_without_a_task_and_a_higher_version_supersedes_them(
    daemon: DaemonProcess, hour: SimulatedBurst
) -> None:
    grm = [f for f in hour.files if "grm" in f.name]
    late = [f for f in grm if f.name.endswith("_v02.fits")]
    at = daemon.endpoints()
    assert at is not None
    assert late
    async with aiohttp.ClientSession(at.rest) as http:
        await bring(http, hour.burst_id, [f for f in grm if f not in late])
        series = {"temporal-GRM", "spectral-GRM", "joint"}
        await until(http, hour.burst_id, lambda known: {name for name, _ in done(known)} == series)
        await bring(http, hour.burst_id, late)
        known = await until(http, hour.burst_id, lambda known: ("joint", 2) in done(known))
        tasks = done(known)

        again = {name for name, version in tasks if version == 2}
        assert again == {"temporal-GRM", "spectral-GRM", "joint"}
        for name in again:
            assert tasks[name, 1]["superseded_by"] == tasks[name, 2]["id"]
            assert tasks[name, 2]["superseded_by"] is None
        assert all(t["origin"] == "automatic" for t in known["tasks"])
        assert len(known["tasks"]) == 6
        assert {u["reason"] for u in known["unused"]} == {
            f"is superseded by {file.name}" for file in late
        }
        newest = tasks["joint", 2]["id"]
        result = f"/api/v1/products/{newest}/result.json"
        async with http.get(result) as answer:
            found = msgspec.json.decode(await answer.read())
    true = hour.truth.spectrum
    assert true is not None
    model = found["spectra"][0]["models"][0]["parameters"]["epeak_kev"]
    assert abs(model["value"] - true.epeak_kev) < 5 * max(model["err_minus"], model["err_plus"])
    assert not any(flag["code"] == "incomplete" for flag in found["flags"])
