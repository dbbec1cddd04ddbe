"""Requests made from the OpenAPI document, right and wrong, get the responses that it names."""

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from eclgrmd.client import AsyncClient
from eclgrmd.model.quicklook.packet import packet_to_json
from testbench.checkout import CHECKOUT
from testbench.daemon_process import DaemonProcess
from testbench.simulate.delivery import simulate_dc0
from tests.support.limits import LIMIT_S
from tests.support.quicklook.packets import box_sequence

_SUPPORT = CHECKOUT / "tests/support"

_ENDLESS = "/api/v1/events"
"""A stream of events: schemathesis waits for its end."""
_BURST, _TASK = "sb26110301", "known"
"""Named in schemathesis-known.toml, too."""


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    """A daemon that lets nobody in without a token: the document says what needs one."""
    settings = {"ECLGRMD_REST_OPEN_LOOPBACK": "off", "ECLGRMD_VHF_SILENCE_S": "3"}
    daemon = DaemonProcess(tmp_path_factory.mktemp("fuzzed"), settings=settings)
    asyncio.run(daemon.start())
    yield daemon
    assert asyncio.run(daemon.stop()) == 0


@pytest.fixture(scope="module")
def token(fuzzed: DaemonProcess) -> str:
    made = said(
        "eclgrmd", "token", "create", "--role", "operator", "--name", "fuzz",
        folder=CHECKOUT,
        ECLGRMD_STORAGE_STATE_DIR=str(fuzzed.state_dir),
        ECLGRMD_STORAGE_RUNTIME_DIR=str(fuzzed.state_dir / "run"),
    )  # fmt: skip
    status, text = asyncio.run(made)
    assert status == 0, text
    return text.strip()


async def said(*words: str | Path, folder: Path, **environment: str) -> tuple[int, str]:
    """Run a module of Python; return its exit status and what it said."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *words, cwd=folder, env=os.environ | environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    async with asyncio.timeout(LIMIT_S):
        output, _ = await running.communicate()
    return running.returncode or 0, output.decode()


async def fuzz(
    daemon: DaemonProcess, token: str, configuration: str, *options: str, folder: Path
) -> tuple[int, str]:
    return await said(
        "schemathesis.cli", "--config-file", _SUPPORT / configuration,
        "run", f"{daemon.running_endpoints().rest}/openapi.json",
        "--header", f"Authorization: Bearer {token}",
        "--max-examples", "5", "--seed", "20261129", "--no-color", "--request-timeout", "60",
        *options, folder=folder,
    )  # fmt: skip


async def test_schemathesis_finds_no_fault(
    fuzzed: DaemonProcess, token: str, tmp_path: Path
) -> None:
    status, text = await fuzz(
        fuzzed, token, "schemathesis.toml", "--exclude-path", _ENDLESS, folder=tmp_path
    )
    assert status == 0, text
    assert "Stateful (disabled)" not in text


async def test_schemathesis_finds_no_fault_with_a_burst_and_its_results(
    fuzzed: DaemonProcess, token: str, tmp_path: Path
) -> None:
    rest = fuzzed.running_endpoints().rest
    async with AsyncClient(rest, token=token) as client:
        await analysed(client, tmp_path)
        await followed(client, rest, token)
    status, text = await fuzz(
        fuzzed, token, "schemathesis-known.toml",
        "--include-path-regex", r"\{(burst_id|task_id)\}",
        "--phases", "examples,coverage,fuzzing",
        folder=tmp_path,
    )  # fmt: skip
    assert status == 0, text
    unreached = text.partition("Missing test data")[2].partition("\N{ELECTRIC LIGHT BULB}")[0]
    for path in ("/task/{task_id}", "/preview", "/claim", "/record", "/thumbnail", "/vhf/light"):
        assert path not in unreached, text


async def analysed(client: AsyncClient, folder: Path) -> None:
    """Have a burst analysed, with durations and spectra."""
    (burst,) = simulate_dc0(folder, 5, bursts=("short",)).bursts
    assert burst.burst_id == _BURST
    for file in burst.files:
        await client.upload(_BURST, file.path)
    inputs = next(each.inputs for each in burst.tasks if each.id.endswith("-evt"))
    configuration = {
        "duration": {"bootstrap": 100, "photon_fluence": False, "character": False},
        "spectral": {"models": ["cpl"], "goodness_spectra": 0, "intervals": ["t100"]},
        "products": {"figures": "never"},
    }
    names = [each.name for each in inputs]
    await client.submit(_BURST, names, configuration=configuration, task_id=_TASK)
    async with asyncio.timeout(LIMIT_S):
        task = await client.wait(_TASK)
    assert task.state == "done", task.reason


async def followed(client: AsyncClient, rest: str, token: str) -> None:
    """Send packets of the same burst, and wait for the end of its quick look."""
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(rest, headers=headers) as http:
        for sent in box_sequence(1.0, 9.0, 800.0, burst_id=_BURST):
            async with http.post("/api/v1/packet", data=packet_to_json(sent.packet)) as answer:
                assert answer.status == 201, await answer.text()
        async with asyncio.timeout(LIMIT_S):
            while True:
                async with http.get(f"/api/v1/bursts/{_BURST}/vhf") as answer:
                    if (await answer.json())["state"] == "final":
                        break
                await asyncio.sleep(0.2)
