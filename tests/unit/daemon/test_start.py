"""A daemon that cannot start says why in one sentence, and what to do."""

import asyncio
import resource
import socket
from contextlib import AsyncExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from eclgrmd.api.server import RestServer
from eclgrmd.api.services import Services
from eclgrmd.daemon import servers as keeping
from eclgrmd.daemon.folders import node_id
from eclgrmd.daemon.limits import raise_open_files_limit
from eclgrmd.daemon.servers import Servers
from eclgrmd.embedded import PrivateNats
from eclgrmd.errors import FatalError
from eclgrmd.metrics import Metrics
from eclgrmd.model.names import is_identifier
from eclgrmd.settings.daemon import Settings
from tests.support.limits import LIMIT_S
from tests.support.settings import live


async def listen(host: str, port: int) -> None:
    settings = live(rest={"host": host, "port": port})
    services = SimpleNamespace(settings=settings, metrics=Metrics(), tokens=None)
    await RestServer(cast(Services, services)).start()


async def test_a_busy_port_is_named_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(FatalError, match=f"rest.port = {port} .*choose another port"):
            await listen("127.0.0.1", port)


async def test_an_address_of_another_machine_is_named() -> None:
    with pytest.raises(
        FatalError, match=r"rest.host = '192\.0\.2\.1'.*must be an address of this machine"
    ):
        await listen("192.0.2.1", 0)


@pytest.mark.parametrize(
    ("limits", "taken"),
    [((64, 1024), 1024), ((1024, 1 << 20), 4096), ((8192, 8192), None), ((256, 256), 256)],
)
def test_as_many_descriptors_are_taken_as_may_be(
    monkeypatch: pytest.MonkeyPatch, limits: tuple[int, int], taken: int | None
) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _what: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda _what, wanted: asked.append(wanted))
    raise_open_files_limit()
    assert asked == ([] if taken is None else [(taken, limits[1])])


def test_too_few_descriptors_are_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _what: (64, 64))
    with pytest.raises(FatalError, match=r"at most 64 files.*ulimit -n"):
        raise_open_files_limit()


@pytest.mark.parametrize("left", ["", "\n", "a b", "\xff\x00"])
def test_a_damaged_name_of_a_daemon_is_made_anew(tmp_path: Path, left: str) -> None:
    (tmp_path / "node-id").write_bytes(left.encode("latin1"))
    name = node_id(tmp_path)
    assert is_identifier(name)
    assert node_id(tmp_path) == name


class Nats:
    """A private server that counts the requests to stop."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ended = 0

    async def end(self) -> None:
        self.ended += 1


@pytest.mark.parametrize(
    ("fault", "room", "ended"), [("full", 0, 1), ("full", 1 << 60, 0), ("", 0, 0)]
)
async def test_a_private_nats_that_stores_nothing_is_started_again_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, room: int, ended: int
) -> None:
    monkeypatch.setattr(keeping, "_LOOK_S", 0.001)
    monkeypatch.setattr(keeping, "_ROOM_BYTES", room)
    stop, looks, nats = asyncio.Event(), 0, Nats(tmp_path)

    def look() -> str:
        nonlocal looks
        looks += 1
        if looks > 4:  # of which it is started again at the third
            stop.set()
        return fault

    async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as keepers:
        servers = Servers(Settings(), cast(AsyncExitStack, None), keepers, stop)
        servers._private_nats = cast(PrivateNats, nats)
        await servers.renew_nats(look, stop)
    assert nats.ended == ended
