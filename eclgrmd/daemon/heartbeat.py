"""The heartbeat: feeds the watchdog of the service manager and reports a status line."""

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
"""Longest time between beats, and the time without a watchdog: the status line stays fresh."""
_BEATS = 4
"""Beats in each watchdog period: three may be late before the daemon is restarted."""


class Heartbeat:
    """Feeds the watchdog while the event loop runs and every worker pool computes or responds.

    An idle worker that does not respond is replaced by its pool. If a pool stays dead, the watchdog
    expires and the service manager restarts the daemon.
    """

    def __init__(self, systemd: Systemd, pools: Sequence[Workers], health: Health) -> None:
        self._systemd = systemd
        self._pools = pools
        self._health = health
        self._period_s = min((systemd.watchdog_s or _USUAL_S * _BEATS) / _BEATS, _USUAL_S)
        self._reported = ""
        self._log = structlog.get_logger("daemon")

    async def run(self, stop: asyncio.Event) -> None:
        """Beat until a stop is requested."""
        await poll(self._beat, stage="heartbeat", stop=stop, longest_s=self._period_s)

    async def _beat(self) -> float:
        async with asyncio.TaskGroup() as group:
            checks = [
                group.create_task(self._is_alive(pool), name="check workers")
                for pool in self._pools
            ]
        if all(task.result() for task in checks):
            self._systemd.feed_watchdog()
        self._report_status()
        return self._period_s

    def _report_status(self) -> None:
        """Send the status line to the service manager if it has changed."""
        text = self._health.in_one_line()
        if text != self._reported:
            self._reported = text
            self._systemd.status(text)

    async def _is_alive(self, pool: Workers) -> bool:
        """Return whether a worker responds; computing workers have a time limit of their own."""
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
