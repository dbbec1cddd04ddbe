"""The alert network as a running daemon sees it, and somebody who asks what became of bursts."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import nats
from nats.aio.client import Client

from eclgrmd.model.quicklook.binary import packet_to_binary
from testbench.daemon_process import DaemonProcess
from tests.support.limits import LIMIT_S

from .packets import box_sequence

__all__ = ["Network", "connected", "start_warm", "started"]


class Network:
    """The alert network, and somebody who asks what became of a burst."""

    def __init__(self, client: Client, session: aiohttp.ClientSession) -> None:
        self._client, self._session = client, session

    async def send(self, payload: bytes) -> None:
        await self._client.jetstream().publish("data.vhf", payload)

    async def post(self, path: str, payload: bytes) -> tuple[int, dict[str, Any]]:
        async with self._session.post(path, data=io.BytesIO(payload)) as answer:
            return answer.status, await answer.json(content_type=None)

    async def get(self, path: str) -> dict[str, Any]:
        async with self._session.get(path) as answer:
            assert answer.status == 200, path
            found: dict[str, Any] = await answer.json()
            return found

    async def until(self, burst_id: str, **wanted: Any) -> dict[str, Any]:
        """Wait until the quick look at a burst has these values."""
        async with asyncio.timeout(LIMIT_S):
            while True:
                async with self._session.get(f"/api/v1/bursts/{burst_id}/vhf") as answer:
                    view = await answer.json()
                if answer.status == 200 and wanted.items() <= view.items():
                    found: dict[str, Any] = view
                    return found
                await asyncio.sleep(0.1)

    async def product(self, burst_id: str, name: str, version: int) -> dict[str, Any]:
        """Wait for a product of this version of the quick look, and return what it says."""
        async with asyncio.timeout(LIMIT_S):
            while True:
                listed = (await self.get(f"/api/v1/bursts/{burst_id}/vhf/products"))["products"]
                for each in listed:
                    if each["name"] == name and each["version"] == version:
                        return await self.get(
                            f"/api/v1/bursts/{burst_id}/vhf/products/{each['proc_ver']}/{name}"
                        )
                await asyncio.sleep(0.1)

    async def metric(self, line: str) -> float | None:
        """Return the value of a metric, by its name and labels as they are written; None: none."""
        async with self._session.get("/metrics") as answer:
            text = await answer.text()
        found = (each.rpartition(" ") for each in text.splitlines())
        return next((float(value) for name, _, value in found if name == line), None)

    async def announced(self, kind: str, burst_id: str) -> list[dict[str, Any]]:
        """Return everything that has been announced about a burst so far."""
        await asyncio.sleep(0.3)
        stream = self._client.jetstream()
        subscription = await stream.subscribe("activity.eclgrm", ordered_consumer=True)
        found: list[dict[str, Any]] = []
        try:
            while True:
                message = await subscription.next_msg(timeout=0.5)
                activity = json.loads(message.data)["activity"] or {}
                if activity.get("type") == kind and activity.get("burst_id") == burst_id:
                    found.append(activity)
        except TimeoutError:
            return found


async def start_warm(process: DaemonProcess) -> None:
    """Start a daemon and wait until it follows bursts: its first answer takes longer."""
    async with started(process) as network:
        for sent in box_sequence(1.0, 9.0, 800.0, burst_id="warm")[:20]:
            await network.send(packet_to_binary(sent.packet))
        await network.until("warm", state="final")


@asynccontextmanager
async def connected(process: DaemonProcess) -> AsyncIterator[Network]:
    at = process.endpoints()
    assert at is not None
    client = await nats.connect(at.nats)
    async with aiohttp.ClientSession(at.rest) as session:
        yield Network(client, session)
    await client.close()


@asynccontextmanager
async def started(process: DaemonProcess) -> AsyncIterator[Network]:
    await process.start()
    async with connected(process) as network:
        yield network
