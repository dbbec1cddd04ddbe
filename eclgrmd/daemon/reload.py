"""Settings read again while the daemon runs; a wrong file changes nothing."""

import asyncio
from collections.abc import Callable

import structlog

from eclgrmd.aio.polling import Hint, poll
from eclgrmd.errors import FatalError
from eclgrmd.log import set_level
from eclgrmd.settings.live import LiveSettings, LoadedSettings
from eclgrmd.systemd import Systemd

__all__ = ["Reloading"]

_FOR_EVER_S = 86400.0


class Reloading:
    """Reads the settings again when asked to.

    Parameters
    ----------
    settings
        The settings in force.
    read
        Returns what is written now; FatalError where that is wrong.
    wake
        Called when settings have changed, so that stages look at them at once.
    """

    def __init__(
        self,
        settings: LiveSettings,
        read: Callable[[], LoadedSettings],
        wake: Callable[[], None],
        systemd: Systemd,
    ) -> None:
        self._settings = settings
        self._read = read
        self._wake = wake
        self._systemd = systemd
        self._seen = 0
        self._log = structlog.get_logger("daemon")

    async def run(self, asked: Hint, stop: asyncio.Event) -> None:
        """Reload each time that `asked` is given, until the stop."""

        async def look() -> float:
            if asked.count != self._seen:
                self._seen = asked.count
                self._systemd.reloading()
                self._systemd.ready(await self.reload())
            return _FOR_EVER_S

        await poll(look, stage="reload", stop=stop, hint=asked)

    async def reload(self) -> str:
        """Adopt what is new, and say in one sentence what became of it."""
        try:
            given = await asyncio.to_thread(self._read)
        except FatalError as error:
            self._log.error("settings not reloaded: nothing was changed", reason=str(error))
            return f"settings not reloaded: {error}"
        adopted = self._settings.adopt(given)
        set_level(self._settings.now.log.level)
        self._wake()
        self._log.info("settings reloaded", changed=list(adopted.changed))
        if not adopted.waiting:
            return "settings reloaded"
        self._log.warning("settings that need a restart", changed=list(adopted.waiting))
        return f"settings reloaded; these need a restart: {', '.join(adopted.waiting)}"
