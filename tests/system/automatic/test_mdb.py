"""Missing files are fetched from the mission database over a connection that breaks."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp

from testbench.daemon_process import DaemonProcess
from testbench.simulate.delivery import SimulatedBurst
from testbench.tts.mission_database import MissionDatabase, running_mdb
from tests.support.limits import LIMIT_S


async def known_of(http: aiohttp.ClientSession, burst_id: str) -> dict[str, Any]:
    async with http.get(f"/api/v1/bursts/{burst_id}") as answer:
        return dict(await answer.json()) if answer.status == 200 else {}


async def until(
    http: aiohttp.ClientSession, burst_id: str, look: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    async with asyncio.timeout(LIMIT_S):
        while True:
            known = await known_of(http, burst_id)
            if look(known):
                return known
            await asyncio.sleep(0.1)


def two_done(known: dict[str, Any]) -> bool:
    return [t["state"] for t in known.get("tasks", [])] == ["done"] * 2


async def test_notified_bursts_and_waiting_tasks_get_their_files(
    tmp_path: Path, hour: SimulatedBurst
) -> None:
    curves = [f.path for f in hour.files if f.kind == "light_curve"]
    grm = next(path for path in curves if "grm" in path.name)
    ecl = next(path for path in curves if "ecl" in path.name)
    mission = MissionDatabase(
        {"noted": [grm, ecl], "asked": [grm]},
        trigger_utc={"noted": hour.truth.t0_utc},
        break_after=20_000,
    )
    async with running_mdb(mission) as mdb:
        settings = {
            "ECLGRMD_MDB_URL": mdb.url,
            "ECLGRMD_MDB_RETRY_S": "1",
            "ECLGRMD_AUTOMATIC_ANALYSES": "temporal",
            "ECLGRMD_AUTOMATIC_DEBOUNCE_S": "0.5",
        }
        daemon = DaemonProcess(tmp_path, settings=settings, automatic=True)
        await daemon.start()
        try:
            at = daemon.endpoints()
            assert at is not None
            async with aiohttp.ClientSession(at.rest) as http:
                task = {"id": "t1", "burst_id": "asked", "analysis": "temporal"}
                wanted = {**task, "inputs": [{"name": grm.name}]}
                never = {**task, "id": "t2", "burst_id": "lost", "inputs": [{"name": "no.fits"}]}
                for each in (wanted, never):
                    async with http.post("/api/v1/task", json=each) as answer:
                        assert answer.status == 201
                params = {"burst_id": "noted", "name": grm.name}
                async with http.post(
                    "/api/v1/data", params=params, data=grm.read_bytes()
                ) as answer:
                    assert answer.status == 201
                async with http.post("/api/v1/bursts/noted/fetch") as answer:
                    assert answer.status == 202
                asked = await until(http, "asked", two_done)
                noted = await until(http, "noted", two_done)
                lost = await until(http, "lost", lambda known: bool(known.get("ask_reason")))
        finally:
            assert await daemon.stop() == 0
    assert {t["id"] for t in asked["tasks"]} > {"t1"}
    assert {t["series"] for t in noted["tasks"]} == {"temporal-GRM", "temporal-ECL"}
    assert noted["trigger_utc"] == hour.truth.t0_utc
    assert mdb.ranges[ecl.name] == 1
    assert lost["ask_reason"] == "the mission database has no no.fits"
