"""A connected bus on the session's server, with a stream of the test's own."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from eclgrmd.bus import Address, Bus
from eclgrmd.embedded import PrivateNats


@dataclass(frozen=True)
class Desk:
    bus: Bus
    stream: str
    subject: str


@pytest.fixture
async def desk(nats: PrivateNats) -> AsyncIterator[Desk]:
    name = f"test_{uuid.uuid4().hex}"
    async with Bus(Address(nats.url), limit_s=2.0) as bus:
        stream = await bus.ensure_stream(name, [f"{name}.>"])
        yield Desk(bus, stream, f"{name}.x")


@pytest.fixture
async def own_nats(tmp_path: Path) -> AsyncIterator[PrivateNats]:
    async with PrivateNats(tmp_path) as server:
        yield server
