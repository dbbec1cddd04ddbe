"""A connected bus on the shared server, with a stream for each test."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from eclgrmd.bus import Address, Bus
from eclgrmd.embedded import PrivateNats


@dataclass(frozen=True)
class Desk:
    """A bus with a stream of its own."""

    bus: Bus
    """The connected bus."""
    stream: str
    """Name of the stream."""
    subject: str
    """Subject whose messages the stream keeps."""


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
