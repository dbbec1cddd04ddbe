"""Settings are read again: what can change at once does, a wrong file changes nothing."""

from collections.abc import Iterator

import pytest
import structlog

from eclgrmd.config import LogSettings, RestSettings, Settings, TaskSettings
from eclgrmd.daemon.reload import Reloading, changes
from eclgrmd.errors import FatalError
from eclgrmd.log import set_level
from eclgrmd.systemd import Systemd


@pytest.fixture(autouse=True)
def same_level() -> Iterator[None]:
    yield
    set_level("info")


class Operator:
    """Has written new settings, or wrong ones."""

    def __init__(self, new: Settings | FatalError) -> None:
        self.adopted: list[Settings] = []
        self._new = new
        self.reloading = Reloading(Settings(), self.read, self.adopted.append, Systemd({}))

    def read(self) -> Settings:
        if isinstance(self._new, FatalError):
            raise self._new
        return self._new


async def test_what_can_change_at_once_is_adopted() -> None:
    new = Settings(log=LogSettings(level="debug"), tasks=TaskSettings(max_attempts=7))
    operator = Operator(new)
    with structlog.testing.capture_logs() as said:
        assert await operator.reloading.reload() == "settings reloaded"
    assert operator.adopted == [new]
    assert said == [
        {
            "event": "settings reloaded",
            "log_level": "info",
            "changed": ["tasks.max_attempts", "log.level"],
        }
    ]


async def test_what_needs_a_restart_is_named() -> None:
    operator = Operator(Settings(rest=RestSettings(port=1), tasks=TaskSettings(poll_s=1.0)))
    with structlog.testing.capture_logs() as said:
        await operator.reloading.reload()
    assert [(line["event"], line["changed"]) for line in said] == [
        ("settings reloaded", ["tasks.poll_s"]),
        ("settings that need a restart", ["rest.port"]),
    ]


async def test_a_wrong_file_changes_nothing() -> None:
    operator = Operator(FatalError("settings file x: wrong"))
    with structlog.testing.capture_logs() as said:
        told = await operator.reloading.reload()
    assert "settings file x: wrong" in told
    assert operator.adopted == []
    assert [line["log_level"] for line in said] == ["error"]


def test_only_what_differs_is_a_change() -> None:
    assert list(changes(Settings(), Settings())) == []
    assert list(changes(Settings(), Settings(rest=RestSettings(port=1)))) == ["rest.port"]
