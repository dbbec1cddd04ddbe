"""A clock for the age of files that does not jump when the system clock is set."""

import time
from datetime import datetime, timedelta

import structlog

from eclgrmd.clock import utc_now
from eclgrmd.store.maintenance.aging import Aging, aging, keep_aging, oldest_kept
from eclgrmd.store.sql.database import Database

__all__ = ["AgeClock", "aged"]

_LONGEST_ABSENCE = timedelta(days=1)
"""Most that files age while no daemon runs: a longer absence may be a clock that was set ahead."""


def aged(before: Aging, passed: timedelta, clock_shows: datetime, oldest: datetime | None) -> Aging:
    """Return the new state of the clock for the age of files.

    Parameters
    ----------
    before
        The state at the last call.
    passed
        The time since then, from a monotonic clock where possible.
    clock_shows
        The system time, UTC, which may be wrong.
    oldest
        When the oldest kept file was written, by the system clock at that time; None: no file.
    """
    until = before.aged_until + passed
    if oldest is not None:
        # A jump of the clock only matters for files written before it. Catch up once they are gone.
        until = max(until, oldest)
    return Aging(min(until, clock_shows), clock_shows)


class AgeClock:
    """Counts the time while a daemon runs, and at most one day of the time while none runs."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._last: Aging | None = None
        self._looked_s = 0.0
        self._log = structlog.get_logger("ingest")

    async def now(self) -> datetime:
        """Return the time from which ages of files are counted, UTC without time zone.

        Raises
        ------
        TransientError
            If the database is unavailable.
        """
        clock_shows = utc_now()
        async with self._database.transaction() as transaction:
            known = await aging(transaction) if self._last is None else self._last
            before = known or Aging(clock_shows, clock_shows)
            looked_s = time.monotonic()
            passed = self._passed(before, clock_shows, looked_s)
            last = aged(before, passed, clock_shows, await oldest_kept(transaction))
            keep_aging(transaction, last)
        self._last, self._looked_s = last, looked_s
        return last.aged_until

    def _passed(self, before: Aging, clock_shows: datetime, looked_s: float) -> timedelta:
        if self._last is not None:
            return timedelta(seconds=looked_s - self._looked_s)
        absent = max(clock_shows - before.clock_showed, timedelta(0))
        if absent > _LONGEST_ABSENCE:
            self._log.warning(
                "clock is far ahead of the last run, files age by one day only",
                days=round(absent / timedelta(days=1), 1),
            )
        return min(absent, _LONGEST_ABSENCE)
