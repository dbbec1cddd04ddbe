"""Tells the service manager again and again that the daemon lives, and how it does."""

import asyncio
from collections.abc import Sequence

import structlog

from eclgrmd.aio.polling import poll
from eclgrmd.compute import Workers
from eclgrmd.errors import EclgrmdError, FatalError
from eclgrmd.health import Health
from eclgrmd.systemd import Systemd

__all__ = ["Heartbeat"]

_USUAL_S = 10.0
_BEATS = 4
"""In each watchdog period."""


class Heartbeat:
    """Feeds the watchdog while the event loop turns and every pool of workers computes or answers.

    An idle worker that does not answer is replaced on the way; a pool that stays dead lets the
    service manager start all of us again.
    """

    def __init__(self, systemd: Systemd, pools: Sequence[Workers], health: Health) -> None:
        self._systemd = systemd
        self._pools = pools
        self._health = health
        self._period_s = min((systemd.watchdog_s or _USUAL_S * _BEATS) / _BEATS, _USUAL_S)
        self._said = ""
        self._log = structlog.get_logger("daemon")

    async def run(self, stop: asyncio.Event) -> None:
        """Beat until the stop."""
        await poll(self._beat, stage="heartbeat", stop=stop, longest_s=self._period_s)

    async def _beat(self) -> float:
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(self._lives(p), name="ask workers") for p in self._pools]
        if all(task.result() for task in asked):
            self._systemd.feed_watchdog()
        self._tell()
        return self._period_s

    def _tell(self) -> None:
        """Say in one line how we are, if that has changed."""
        text = self._health.in_one_line()
        if text != self._said:
            self._said = text
            self._systemd.status(text)

    async def _lives(self, pool: Workers) -> bool:
        """Ask a worker for an answer, unless all compute: each call has a limit of its own."""
        health = pool.health
        if 0 < health.alive == health.busy:
            return True
        try:
            async with asyncio.timeout(self._period_s):
                await pool.call("os:getpid", timeout_s=self._period_s / 2, priority=-1)
        except FatalError:
            raise
        except (TimeoutError, EclgrmdError) as error:
            self._log.error("workers do not answer", reason=str(error), alive=pool.health.alive)
            return False
        return True
