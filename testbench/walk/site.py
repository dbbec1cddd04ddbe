"""A daemon with something to look at: a simulated burst, a quick look, and a real burst if here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

import aiohttp

from eclgrmd.client import AsyncClient
from eclgrmd.model.quicklook.binary import packet_to_binary
from testbench.checkout import SHARED_DATA
from testbench.daemon_process import DaemonProcess
from testbench.quicklook.sequence import Sent
from testbench.simulate.delivery import SimulatedBurst

__all__ = [
    "REAL_BURST",
    "add_quick_look",
    "add_real",
    "add_simulated",
    "connected",
    "real_burst_is_here",
]

REAL_BURST = "GRB080916C"
"""Id of the real burst."""
_REAL_FILES = tuple(
    SHARED_DATA / "fermi-gbm" / "bn080916009" / name
    for name in (
        "glg_tte_n3_bn080916009_v01.fit.gz",
        "glg_tte_b0_bn080916009_v01.fit.gz",
        "glg_cspec_n3_bn080916009_v07.rsp",
        "glg_cspec_b0_bn080916009_v00.rsp2",
    )
)
"""Events and responses of two detectors, which lie beside some checkouts."""
_QUICK: dict[str, Any] = {
    "duration": {"bootstrap": 100, "photon_fluence": False},
    "spectral": {"models": ["cpl", "pl"], "goodness_spectra": 0, "intervals": ["t100", "blocks"]},
    "products": {"figures": "never"},
}
"""Configuration that makes a result within seconds."""


@asynccontextmanager
async def connected(daemon: DaemonProcess) -> AsyncIterator[AsyncClient]:
    """Connect to a running daemon."""
    async with AsyncClient(daemon.running_endpoints().rest) as client:
        yield client


async def add_simulated(client: AsyncClient, burst: SimulatedBurst) -> str:
    """Upload a simulated burst and analyse its events; return the task."""
    for file in burst.files:
        await client.upload(burst.burst_id, file.path, name=file.name)
    wanted = next(each for each in burst.tasks if each.id.endswith("-evt"))
    names = [each.name for each in wanted.inputs]
    return await _analysed(client, burst.burst_id, names, f"{burst.burst_id}-run")


async def add_real(client: AsyncClient) -> str:
    """Upload and analyse the real burst; return the task."""
    for path in _REAL_FILES:
        await client.upload(REAL_BURST, path)
    names = [path.name for path in _REAL_FILES]
    return await _analysed(client, REAL_BURST, names, f"{REAL_BURST}-run")


async def _analysed(client: AsyncClient, burst_id: str, names: list[str], task_id: str) -> str:
    await client.submit(burst_id, names, configuration=_QUICK, task_id=task_id)
    ended = await client.wait(task_id)
    if ended.state != "done":
        raise RuntimeError(f"task {task_id} is {ended.state}: {ended.reason}")
    return task_id


async def add_quick_look(daemon: DaemonProcess, packets: list[Sent]) -> None:
    """Send packets of the VHF network."""
    async with aiohttp.ClientSession(daemon.running_endpoints().rest) as session:
        for sent in packets:
            body = BytesIO(packet_to_binary(sent.packet))
            async with session.post("/api/v1/packet", data=body) as answer:
                answer.raise_for_status()


def real_burst_is_here() -> bool:
    """Return whether the files of the real burst are there."""
    return all(path.exists() for path in _REAL_FILES)
