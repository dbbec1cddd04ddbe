"""A scientist follows T90 and the fit while dragging; the re-run then gives the same."""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from eclgrmd.cli.control import main
from eclgrmd.client import AsyncClient, RefusedError
from eclgrmd.model.rest.queries import TaskQuery
from eclgrmd.model.result.reading import read_result
from testbench.daemon_process import DaemonProcess
from testbench.simulate.delivery import SimulatedBurst
from tests.support.limits import LIMIT_S

TASK = "previewed"
DRAGGED = {
    "background": {"mode": "intervals", "intervals_s": [[-80, -10], [10, 90]]},
    "spectral": {"intervals": [[0.0, 0.5]]},
}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, burst: SimulatedBurst) -> Any:
    """A daemon with few sessions that end soon, which has done one task."""
    settings = {"ECLGRMD_REST_PREVIEW_SESSIONS": "1", "ECLGRMD_REST_PREVIEW_IDLE_S": "20"}
    process = DaemonProcess(tmp_path_factory.mktemp("daemon"), settings=settings)
    asyncio.run(process.start())
    try:
        asyncio.run(_first_task(process, burst))
        yield process
    finally:
        assert asyncio.run(process.stop()) == 0


@pytest.fixture
async def client(own: DaemonProcess) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(own.running_endpoints().rest) as connected:
        yield connected


async def _first_task(daemon: DaemonProcess, burst: SimulatedBurst) -> None:
    async with AsyncClient(daemon.running_endpoints().rest) as client:
        for file in burst.files:
            await client.upload(burst.burst_id, file.path, name=file.name)
        wanted = next(t for t in burst.tasks if t.id.endswith("-evt"))
        configuration = {
            "duration": {"bootstrap": 200, "photon_fluence": False, "character": False},
            "spectral": {"models": ["cpl", "pl"], "goodness_spectra": 0},
            "products": {"figures": "never", "tables": False},
        }
        names = [each.name for each in wanted.inputs]
        await client.submit(burst.burst_id, names, configuration=configuration, task_id=TASK)
        assert (await client.wait(TASK)).state == "done"


async def _sessions(daemon: DaemonProcess) -> float:
    async with (
        aiohttp.ClientSession(daemon.running_endpoints().rest) as http,
        http.get("/metrics") as answer,
    ):
        lines = (await answer.text()).splitlines()
    return float(next(x for x in lines if x.startswith("eclgrmd_preview_sessions ")).split()[1])


async def test_the_rerun_gives_what_was_previewed(
    client: AsyncClient, burst: SimulatedBurst, tmp_path: Path
) -> None:
    before = [task.id async for task in client.tasks()]
    plain = await client.preview(burst.burst_id)
    dragged = await client.preview(burst.burst_id, DRAGGED)
    assert [task.id async for task in client.tasks()] == before
    assert (dragged.quick, dragged.task, dragged.replicas) == (True, TASK, 100)
    assert dragged.durations != plain.durations
    assert dragged.rerun == f"/api/v1/task/{TASK}/rerun"

    again = await client.rerun(TASK, dragged.changes)
    assert (await client.wait(again.id)).state == "done"
    await client.download(again.id, "result.json", tmp_path)
    result = read_result((tmp_path / "result.json").read_bytes(), what="result.json")
    together = () if result.combined is None else (result.combined,)
    assert dragged.durations == (*result.durations, *together)
    assert dragged.spectra == result.spectra
    assert [fit.name for fit in dragged.spectra[0].models] == ["cpl"]
    assert result.configuration.duration.bootstrap == 100


async def test_only_a_rerun_can_tell_where_other_data_are_needed(
    client: AsyncClient, burst: SimulatedBurst
) -> None:
    found = await client.preview(burst.burst_id, {"instruments": ["GRM"]}, task_id=TASK)
    assert (found.quick, found.durations) == (False, ())
    assert "a re-run reads the files again" in found.reason
    assert found.changes["instruments"] == ["GRM"]


async def test_wrong_changes_are_refused_with_the_reason(
    client: AsyncClient, burst: SimulatedBurst
) -> None:
    with pytest.raises(RefusedError, match="/duration/bootstrap"):
        await client.preview(burst.burst_id, {"duration": {"bootstrap": "many"}})
    with pytest.raises(RefusedError, match="no burst 'nobody'"):
        await client.preview("nobody")
    with pytest.raises(RefusedError, match="no result of task 'other'"):
        await client.preview(burst.burst_id, task_id="other")
    with pytest.raises(RefusedError, match="no data of GRD09"):
        await client.preview(burst.burst_id, {"detectors": ["GRD09"]})


def test_the_command_line_previews(
    own: DaemonProcess, burst: SimulatedBurst, capsys: pytest.CaptureFixture[str]
) -> None:
    url = ["--url", own.running_endpoints().rest]
    assert main(["preview", burst.burst_id, "--set", "model=pl", *url]) == 0
    shown = capsys.readouterr().out
    assert "GRM T90 " in shown
    assert "\npl 0" in shown or "\npl -" in shown
    assert "  index " in shown
    assert main(["preview", burst.burst_id, "--set", "trigger_time_s=1", "--json", *url]) == 1
    assert msgspec.json.decode(capsys.readouterr().out)["quick"] is False


async def test_an_idle_session_ends(own: DaemonProcess, client: AsyncClient) -> None:
    async with asyncio.timeout(LIMIT_S):
        while True:
            if not await _sessions(own):
                break
            await asyncio.sleep(0.5)


async def test_a_session_that_is_in_use_is_kept_from_others(
    own: DaemonProcess, client: AsyncClient, burst: SimulatedBurst
) -> None:
    """The only session is that of one task; the same client may replace it by another one."""
    await client.preview(burst.burst_id, task_id=TASK)
    async for task in client.tasks(TaskQuery(burst_id=burst.burst_id)):
        if task.state == "done":
            await client.preview(burst.burst_id, task_id=task.id)
    assert await _sessions(own) == 1.0


async def test_the_body_may_be_absent(own: DaemonProcess, burst: SimulatedBurst) -> None:
    async with (
        aiohttp.ClientSession(own.running_endpoints().rest) as http,
        http.post(f"/api/v1/bursts/{burst.burst_id}/preview", data=BytesIO(b"")) as answer,
    ):
        assert answer.status == 200, await answer.text()
        assert (await answer.json())["changes"]["duration"]["bootstrap"] == 100
