"""Sessions of previews: each keeps the data of one task in a worker process of its own."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from eclgrmd.aio.polling import poll
from eclgrmd.compute import Workers
from eclgrmd.metrics import Metrics
from eclgrmd.settings.live import LiveSettings

from .middleware.problems import TooMuchError
from .worker_functions import preview

__all__ = ["PREVIEW_LIMIT_S", "Previews"]

PREVIEW_LIMIT_S = 20.0
"""Time that a preview may take, seconds; most of it is for the first one of a session."""
_MOST_WAITING = 2
"""Previews of a session that wait: a page that sends one at a time needs none."""
_USED_S = 10.0
"""Time since its last preview for which a session is not given up for another client, seconds."""
_LOOK_S = 5.0
"""Longest pause between two looks for idle sessions, seconds."""


Key = tuple[str, str]
"""Client and steps of a session."""


@dataclass(slots=True, eq=False)
class _Session:
    """A session of one client and task."""

    workers: Workers
    """Its worker process."""
    ready: asyncio.Event
    """Set when the process has started, or failed to."""
    used_s: float
    """Time of its last preview, seconds of the loop's clock."""
    pending: int = 0
    """Previews that run or wait."""

    @property
    def is_idle(self) -> bool:
        """Whether it may be ended: its process has started, and nobody waits for it."""
        return self.ready.is_set() and not self.pending


class Previews:
    """Opens sessions for clients, bounds their number, and ends the idle ones.

    Parameters
    ----------
    new_workers
        Makes a pool of one process, not yet started, for the previews of a file of stored steps.
    settings, metrics
        The settings and metrics of the daemon.
    """

    def __init__(
        self, new_workers: Callable[[str], Workers], settings: LiveSettings, metrics: Metrics
    ) -> None:
        self._new_workers = new_workers
        self._settings = settings
        self._metrics = metrics
        self._sessions: dict[Key, _Session] = {}
        self._log = structlog.get_logger("previews")

    async def find(self, client: str, steps: str, wanted: bytes) -> bytes:
        """Compute a preview in the session of a client, which is opened if it is missing.

        Parameters
        ----------
        client
            Key of the client.
        steps, wanted
            As for `worker_functions.preview`.

        Raises
        ------
        TooMuchError
            If all sessions are in use, or too many previews of this one wait.
        InputError
            If the data allow no analysis with this configuration.
        """
        session = await self._session(client, steps)
        if session.pending > _MOST_WAITING:
            raise TooMuchError(
                "previews of this burst are waiting: send one after the other", limit="previews"
            )
        session.pending += 1
        try:
            await session.ready.wait()
            found: bytes = await session.workers.call(
                preview, steps, wanted, timeout_s=PREVIEW_LIMIT_S
            )
            return found
        finally:
            session.pending -= 1
            session.used_s = _now()

    async def run(self, stop: asyncio.Event) -> None:
        """End idle sessions until the stop, then all."""
        await poll(self._end_idle, stage="previews", stop=stop, longest_s=_LOOK_S)
        for key in list(self._sessions):
            await self._end(key)

    async def _session(self, client: str, steps: str) -> _Session:
        key = (client, steps)
        if key in self._sessions:
            return self._sessions[key]
        replaced = self._replaced(client)
        session = self._sessions[key] = _Session(self._new_workers(steps), asyncio.Event(), _now())
        self._metrics.preview_sessions.set(len(self._sessions))
        try:
            if replaced is not None:
                await self._end(replaced)
            await session.workers.start()
        except BaseException:
            self._sessions.pop(key, None)
            self._metrics.preview_sessions.set(len(self._sessions))
            raise
        finally:
            session.ready.set()
        self._log.info("preview session opened", client=client)
        return session

    def _replaced(self, client: str) -> Key | None:
        """Return the session that a new one of a client replaces; None: there is room.

        Raises
        ------
        TooMuchError
            If there is none to be replaced.
        """
        rest = self._settings.now.rest
        own = [key for key in self._sessions if key[0] == client]
        is_full = len(self._sessions) >= rest.preview_sessions
        if len(own) < rest.client_previews and not is_full:
            return None
        idle = [
            key
            for key in (own if len(own) >= rest.client_previews else self._sessions)
            if self._sessions[key].is_idle
            and (key[0] == client or _now() - self._sessions[key].used_s > _USED_S)
        ]
        if not idle:
            raise TooMuchError(
                f"all sessions of previews are in use (rest.client_previews = "
                f"{rest.client_previews}, rest.preview_sessions = {rest.preview_sessions}): "
                "send a re-run, or try again later",
                limit="previews",
            )
        return min(idle, key=lambda key: self._sessions[key].used_s)

    async def _end_idle(self) -> float:
        idle_s = self._settings.now.rest.preview_idle_s
        for key, session in list(self._sessions.items()):
            if session.is_idle and _now() - session.used_s > idle_s:
                await self._end(key)
        return min(_LOOK_S, idle_s)

    async def _end(self, key: Key) -> None:
        session = self._sessions.pop(key)
        self._metrics.preview_sessions.set(len(self._sessions))
        await session.workers.stop(0.0)


def _now() -> float:
    return asyncio.get_running_loop().time()
