"""A scientist does a task again with other parameters, by REST, by NATS and on the command line."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import nats
import pytest

from testbench.daemon_process import DaemonProcess
from testbench.simulate.delivery import SimulatedBurst
from tests.support.limits import LIMIT_S

TASK = "base"
INTERVALS = {"background": {"mode": "intervals", "intervals_s": [[-60, -10], [20, 80]]}}
MODELS = {"spectral": {"models": ["band", "cpl"]}}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("site") / "task.yaml"
    path.write_text(
        "duration: {bootstrap: 200, photon_fluence: false}\n"
        "spectral: {goodness_spectra: 0}\nproducts: {figures: false}\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def own_daemon(tmp_path_factory: pytest.TempPathFactory, site: Path, burst: SimulatedBurst) -> Any:
    """A daemon with a site's configuration, which has done one task."""
    settings = {"ECLGRMD_TASKS_CONFIGURATION_FILE": str(site)}
    process = DaemonProcess(tmp_path_factory.mktemp("daemon"), settings=settings)
    asyncio.run(process.start())
    try:
        asyncio.run(_first_task(process, burst))
        yield process
    finally:
        assert asyncio.run(process.stop()) == 0


async def _first_task(daemon: DaemonProcess, burst: SimulatedBurst) -> None:
    endpoints = daemon.endpoints()
    assert endpoints is not None
    async with aiohttp.ClientSession(endpoints.rest) as http:
        for file in burst.files:
            query = {"burst_id": burst.burst_id, "name": file.name}
            content = file.path.read_bytes()
            async with http.post("/api/v1/data", params=query, data=BytesIO(content)) as answer:
                assert answer.status == 201
        wanted = next(t for t in burst.tasks if t.id.endswith("-evt"))
        body = {
            "id": TASK,
            "burst_id": burst.burst_id,
            "inputs": [{"name": each.name} for each in wanted.inputs],
            "configuration": {"spectral": {"models": ["band"]}},
        }
        async with http.post("/api/v1/task", json=body) as answer:
            assert answer.status == 201
        assert (await ended(http, TASK))["state"] == "done"


@pytest.fixture
async def http(own_daemon: DaemonProcess) -> AsyncIterator[aiohttp.ClientSession]:
    endpoints = own_daemon.endpoints()
    assert endpoints is not None
    async with aiohttp.ClientSession(endpoints.rest) as session:
        yield session


async def view(http: aiohttp.ClientSession, path: str) -> dict[str, Any]:
    async with http.get(path) as answer:
        assert answer.status == 200, await answer.text()
        found: dict[str, Any] = await answer.json()
        return found


async def ended(http: aiohttp.ClientSession, task: str) -> dict[str, Any]:
    async with asyncio.timeout(LIMIT_S):
        while True:
            async with http.get(f"/api/v1/task/{task}") as answer:
                found: dict[str, Any] = await answer.json()
            if answer.status == 200 and found["state"] in {"done", "failed", "cancelled"}:
                return found
            await asyncio.sleep(0.1)


async def again(http: aiohttp.ClientSession, body: dict[str, Any]) -> dict[str, Any]:
    async with http.post(f"/api/v1/task/{TASK}/rerun", json=body) as answer:
        assert answer.status in {200, 201}, await answer.text()
        found: dict[str, Any] = await answer.json()
    return found


async def test_another_model_reuses_all_but_the_fits(http: aiohttp.ClientSession) -> None:
    sent = await again(http, {"configuration": MODELS})
    assert sent["plan"]["touched"] == ["fits", "character", "products"]
    done = await ended(http, sent["id"])

    assert done["state"] == "done", done["reason"]
    assert done["rerun_of"] == TASK
    reused = {"blocks", "durations", "background", "intervals", "spectra"}
    assert reused <= set(done["summary"]["steps_reused"])
    result = await view(http, f"/api/v1/products/{sent['id']}/result.json")
    assert {model["name"] for model in result["spectra"][0]["models"]} == {"band", "cpl"}
    assert {s["name"] for s in result["process"]["steps"] if s["reused"]} >= reused
    assert done["proc_ver"] == 2


async def test_other_background_intervals_redo_durations_and_spectra(
    http: aiohttp.ClientSession,
) -> None:
    sent = await again(http, {"configuration": INTERVALS, "id": "intervals"})
    done = await ended(http, "intervals")
    assert done["state"] == "done", done["reason"]
    assert not {"blocks", "durations", "background"} & set(done["summary"]["steps_reused"])
    assert sent["plan"]["kept"] == ["read"]

    compared = await view(http, f"/api/v1/compare?task={TASK}&task=intervals")
    assert [change["pointer"] for change in compared["configuration"]] == [
        "/background/mode",
        "/background/intervals_s",
    ]
    values = {value["name"]: value for value in compared["values"]}
    t90 = next(value for name, value in values.items() if name.endswith("/t90"))
    assert t90["difference"] == t90["after"]["value"] - t90["before"]["value"]


async def test_a_rerun_sent_twice_is_one_task(http: aiohttp.ClientSession) -> None:
    one = await again(http, {"configuration": {"seed": 11}})
    two = await again(http, {"configuration": {"seed": 11}})
    assert one["id"] == two["id"]
    assert (await ended(http, one["id"]))["state"] == "done"


async def test_a_rerun_comes_by_nats_too(
    own_daemon: DaemonProcess, http: aiohttp.ClientSession
) -> None:
    endpoints = own_daemon.endpoints()
    assert endpoints is not None
    client = await nats.connect(endpoints.nats)
    message = {"type": "rerun", "id": "by-nats", "task": TASK, "configuration": MODELS}
    await client.jetstream().publish("data.bandx", json.dumps(message).encode())
    await client.close()
    done = await ended(http, "by-nats")
    assert done["state"] == "done"
    assert "blocks" in done["summary"]["steps_reused"]


@pytest.mark.parametrize(
    ("task", "body", "status", "said"),
    [
        ("nothing", {}, 404, "no task 'nothing'"),
        (TASK, {"configuration": {"seed": "x"}}, 422, "at `/seed`"),
        (TASK, {"configuration": {"spectral": {"models": ["bnd"]}}}, 422, "allowed: band, band+bb"),
        (TASK, {"configuratoin": {}}, 422, "unknown field `configuratoin`"),
    ],
)
async def test_a_wrong_rerun_is_told_what_is_right(
    http: aiohttp.ClientSession, task: str, body: dict[str, Any], status: int, said: str
) -> None:
    async with http.post(f"/api/v1/task/{task}/rerun", json=body) as answer:
        assert answer.status == status
        assert said in (await answer.json())["detail"]


async def test_each_value_tells_which_layer_it_came_from(http: aiohttp.ClientSession) -> None:
    found = await view(http, f"/api/v1/task/{TASK}/configuration")
    assert found["configuration"]["duration"]["bootstrap"] == 200
    assert found["sources"]["/duration/bootstrap"] == "site"
    assert found["sources"]["/spectral/models"] == "task"
    assert found["sources"]["/seed"] == "built-in"
    result = await view(http, f"/api/v1/products/{TASK}/result.json")
    assert result["process"]["configuration_sha256"] == found["sha256"]
    assert result["process"]["sources"] == found["sources"]
    assert result["configuration"] == found["configuration"]


def eclgrmd(daemon: DaemonProcess, *words: object) -> subprocess.CompletedProcess[str]:
    endpoints = daemon.endpoints()
    assert endpoints is not None
    command, *rest = map(str, words)
    return subprocess.run(
        [sys.executable, "-m", "eclgrmd", command, "--url", endpoints.rest, *rest],
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )


def test_the_command_line_explains_reruns_and_compares(own_daemon: DaemonProcess) -> None:
    explained = eclgrmd(own_daemon, "explain-config", TASK)
    assert explained.returncode == 0, explained.stderr
    (line,) = [line for line in explained.stdout.splitlines() if "/duration/bootstrap" in line]
    assert line.split() == ["/duration/bootstrap", "200", "site"]

    change = ("--set", "/spectral/models=[cpl]", "--id", "by-hand", "--wait")
    rerun = eclgrmd(own_daemon, "rerun", TASK, *change)
    assert rerun.returncode == 0, rerun.stderr
    assert "by-hand is done" in rerun.stdout

    compared = eclgrmd(own_daemon, "compare", TASK, "by-hand")
    assert compared.returncode == 0, compared.stderr
    assert 'configuration /spectral/models: ["band"] -> ["cpl"]' in compared.stdout
    assert "spectra/t100/cpl/epeak_kev" in compared.stdout
    assert "steps reused: blocks, durations" in compared.stdout


def test_products_of_a_rerun_are_those_of_a_full_run_to_the_bit(own_daemon: DaemonProcess) -> None:
    products = own_daemon.state_dir / "files" / "products" / "by-hand.1"
    replayed = subprocess.run(
        [sys.executable, "-m", "eclgrmd", "replay", str(products)],
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert "are the same, to the bit" in replayed.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("explain-config", "nothing"), "no task 'nothing'"),
        (("rerun", TASK, "--set", "/seed=many"), "at `/seed`"),
        (("rerun", TASK, "--set", "seed"), "KEY=VALUE"),
        (("rerun", TASK, "--output", "x"), "--output and --data are only for a folder"),
        (("rerun", TASK, "--data", "x"), "--output and --data are only for a folder"),
        (("rerun", ".", "--output", "x", "--id", "y"), "--id is only for a task of the daemon"),
        (("compare", TASK, "nothing"), "no task 'nothing'"),
    ],
)
def test_the_command_line_says_what_is_wrong_in_a_sentence(
    own_daemon: DaemonProcess, words: tuple[str, ...], said: str
) -> None:
    found = eclgrmd(own_daemon, *words)
    assert found.returncode == 2
    assert said in found.stderr
    assert "Traceback" not in found.stderr
