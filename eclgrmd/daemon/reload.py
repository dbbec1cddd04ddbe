"""The reload of settings while the daemon runs; an invalid file changes nothing."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from eclgrmd.aio.polling import Hint, poll
from eclgrmd.errors import FatalError
from eclgrmd.log import set_level
from eclgrmd.settings.live import LiveSettings, LoadedSettings
from eclgrmd.systemd import Systemd

__all__ = ["Reloading"]

_IDLE_S = 86400.0
"""Pause without a request; the hint ends it."""


class Reloading:
    """Reloads the settings on request.

    Parameters
    ----------
    settings
        The settings in force.
    read
        Reads settings and site configuration from their files; raises FatalError if one is invalid.
    renew
        Reads the certificate of REST again; raises FatalError if there is no valid one.
    apply
        Called after a change, so that it has its effect at once.
    systemd
        Told about begin and end of a reload.
    """

    def __init__(
        self,
        settings: LiveSettings,
        read: Callable[[], LoadedSettings],
        renew: Callable[[], None],
        apply: Callable[[], Awaitable[None]],
        systemd: Systemd,
    ) -> None:
        self._settings = settings
        self._read = read
        self._renew = renew
        self._apply = apply
        self._systemd = systemd
        self._seen = 0
        self._log = structlog.get_logger("daemon")

    async def run(self, asked: Hint, stop: asyncio.Event) -> None:
        """Reload each time the hint `asked` is given, until a stop is requested."""

        async def look() -> float:
            if asked.count != self._seen:
                self._seen = asked.count
                self._systemd.reloading()
                self._systemd.ready(await self.reload())
            return _IDLE_S

        await poll(look, stage="reload", stop=stop, hint=asked)

    async def reload(self) -> str:
        """Reload once and return the result in one sentence, for the service manager."""
        try:
            given = await asyncio.to_thread(self._read)
            await asyncio.to_thread(self._renew)
        except FatalError as error:
            self._log.error("settings not reloaded: nothing was changed", reason=str(error))
            return f"settings not reloaded: {error}"
        adopted = self._settings.adopt(given)
        set_level(self._settings.now.log.level)
        await self._apply()
        self._log.info("settings reloaded", changed=list(adopted.changed))
        if not adopted.waiting:
            return "settings reloaded"
        self._log.warning("settings that need a restart", changed=list(adopted.waiting))
        return f"settings reloaded; these need a restart: {', '.join(adopted.waiting)}"
