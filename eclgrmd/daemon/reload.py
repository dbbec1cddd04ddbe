"""Settings read again while the daemon runs; a wrong file changes nothing."""

import asyncio
from collections.abc import Callable, Iterator

import msgspec
import structlog

from eclgrmd.config import Settings
from eclgrmd.errors import FatalError
from eclgrmd.log import set_level
from eclgrmd.systemd import Systemd

__all__ = ["Reloading", "changes"]

_AT_ONCE = ("log.level", "storage.reserve_bytes", "storage.keep_", "storage.vhf_keep_", "tasks.")
"""How the names of settings begin that need no restart."""


class Reloading:
    """Reads the settings again when asked to.

    Parameters
    ----------
    read
        Gives the settings as they are now; FatalError where they are wrong.
    adopt
        Makes the parts of the daemon work by new settings.
    """

    def __init__(
        self,
        settings: Settings,
        read: Callable[[], Settings],
        adopt: Callable[[Settings], None],
        systemd: Systemd,
    ) -> None:
        self._settings = settings
        self._read = read
        self._adopt = adopt
        self._systemd = systemd
        self._log = structlog.get_logger("daemon")

    async def run(self, asked: asyncio.Event) -> None:
        """Reload each time the event is set, until cancelled."""
        while True:
            await asked.wait()
            asked.clear()
            self._systemd.reloading()
            self._systemd.ready(await self.reload())

    async def reload(self) -> str:
        """Take over what is new, and say in one sentence what became of it."""
        try:
            new = await asyncio.to_thread(self._read)
        except FatalError as error:
            self._log.error("settings not reloaded: nothing was changed", reason=str(error))
            return f"settings not reloaded: {error}"
        changed = list(changes(self._settings, new))
        waiting = [name for name in changed if not name.startswith(_AT_ONCE)]
        self._settings = new
        set_level(new.log.level)
        self._adopt(new)
        self._log.info("settings reloaded", changed=[n for n in changed if n not in waiting])
        if waiting:
            self._log.warning("settings that need a restart", changed=waiting)
        return "settings reloaded"


def changes(old: Settings, new: Settings) -> Iterator[str]:
    """Name the settings that differ, as ``table.key``."""
    for table in msgspec.structs.fields(Settings):
        before, after = getattr(old, table.name), getattr(new, table.name)
        for key in msgspec.structs.fields(table.type):
            if getattr(before, key.name) != getattr(after, key.name):
                yield f"{table.name}.{key.name}"
