"""A reload applies what it can at once and names the rest; an invalid file changes nothing."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import structlog

from eclgrmd.daemon.reload import Reloading
from eclgrmd.errors import FatalError
from eclgrmd.log import set_level
from eclgrmd.model.configuration.layers import Layer
from eclgrmd.settings.daemon import LogSettings, Settings, TaskSettings
from eclgrmd.settings.kinds import needs_restart
from eclgrmd.settings.live import LiveSettings, LoadedSettings
from eclgrmd.settings.rest import RestSettings
from eclgrmd.systemd import Systemd

KEYS = [
    (section.name, key)
    for section in msgspec.structs.fields(Settings)
    for key in msgspec.structs.fields(section.type)
]


@pytest.fixture(autouse=True)
def same_level() -> Iterator[None]:
    yield
    set_level("info")


class Operator:
    """Writes settings and reloads them."""

    def __init__(self) -> None:
        self.settings = LiveSettings(LoadedSettings(Settings()))
        self.woken = 0
        self.written: LoadedSettings | FatalError = LoadedSettings(Settings())
        self._reloading = Reloading(self.settings, self.read, lambda: None, self.wake, Systemd({}))

    def read(self) -> LoadedSettings:
        if isinstance(self.written, FatalError):
            raise self.written
        return self.written

    async def wake(self) -> None:
        self.woken += 1

    async def reload(self, written: LoadedSettings | FatalError) -> tuple[str, list[Any]]:
        """Reload; return the answer and what was logged."""
        self.written = written
        with structlog.testing.capture_logs() as said:
            answer = await self._reloading.reload()
        return answer, [(line["event"], line.get("changed")) for line in said]


def another(key: msgspec.structs.FieldInfo) -> Any:
    """Return a value other than a key's default."""
    match key.default:
        case bool():
            return not key.default
        case int() | float():
            return key.default * 2
        case tuple():
            return key.default[:1] if len(key.default) > 1 else (*key.default, "more")
        case _ if key.name == "level":
            return "error"
        case _:
            return f"{key.default}x"


def changed(section: str, key: msgspec.structs.FieldInfo) -> Settings:
    before = getattr(Settings(), section)
    return msgspec.structs.replace(
        Settings(), **{section: msgspec.structs.replace(before, **{key.name: another(key)})}
    )


@pytest.mark.parametrize(("section", "key"), KEYS, ids=lambda of: getattr(of, "name", of))
async def test_every_setting_is_in_force_after_a_reload_or_named(
    section: str, key: msgspec.structs.FieldInfo
) -> None:
    operator, name, wanted = Operator(), f"{section}.{key.name}", changed(section, key)
    answer, said = await operator.reload(LoadedSettings(wanted))
    if needs_restart(key):
        assert operator.settings.now == Settings()
        assert answer == f"settings reloaded; these need a restart: {name}"
        assert said == [("settings reloaded", []), ("settings that need a restart", [name])]
    else:
        assert operator.settings.now == wanted
        assert answer == "settings reloaded"
        assert said == [("settings reloaded", [name])]
    assert operator.woken == 1


async def test_what_needs_a_restart_is_named_at_every_reload_until_it_is_taken_back() -> None:
    operator = Operator()
    wanted = Settings(rest=RestSettings(port=1, drain_s=1.0), tasks=TaskSettings(poll_s=1.0))
    for taken_over in (["rest.drain_s", "tasks.poll_s"], []):
        _, said = await operator.reload(LoadedSettings(wanted))
        assert said == [
            ("settings reloaded", taken_over),
            ("settings that need a restart", ["rest.port"]),
        ]
    assert operator.settings.now.rest == RestSettings(drain_s=1.0)
    _, said = await operator.reload(LoadedSettings(Settings()))
    assert said == [("settings reloaded", ["rest.drain_s", "tasks.poll_s"])]


async def test_another_content_of_the_sites_file_is_a_change() -> None:
    operator = Operator()
    layers = (Layer("site", {"seed": 5}),)
    _, said = await operator.reload(LoadedSettings(Settings(), layers))
    assert said == [("settings reloaded", ["tasks.configuration_file"])]
    assert operator.settings.layers is layers


async def test_a_wrong_file_changes_nothing() -> None:
    operator = Operator()
    answer, said = await operator.reload(FatalError("settings file x: wrong"))
    assert answer == "settings not reloaded: settings file x: wrong"
    assert said == [("settings not reloaded: nothing was changed", None)]
    assert operator.settings.now == Settings()
    assert operator.woken == 0


async def test_the_log_has_the_new_level_at_once() -> None:
    operator = Operator()
    await operator.reload(LoadedSettings(Settings(log=LogSettings(level="error"))))
    assert operator.settings.now.log.level == "error"
