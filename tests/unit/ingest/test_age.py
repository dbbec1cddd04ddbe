"""Files age while daemons run, even if the clock is set."""

from datetime import datetime, timedelta

import pytest

from eclgrmd.ingest.age import aged
from eclgrmd.store.maintenance.aging import Aging

DAY = timedelta(days=1)
NOON = datetime(2026, 11, 28, 12)  # noqa: DTZ001 - UTC, as in the tables
STEADY = Aging(NOON, NOON)


@pytest.mark.parametrize(
    ("clock", "oldest", "until"),
    [
        (DAY, -90 * DAY, DAY),  # the clock was not set
        (401 * DAY, -90 * DAY, DAY),  # set ahead: only the day that has passed counts
        (-400 * DAY, -90 * DAY, -400 * DAY),  # set back: no file is older than by the clock
        (
            401 * DAY,
            400 * DAY,
            400 * DAY,
        ),  # no file from before the jump is left: continue after it
        (DAY, 400 * DAY, DAY),  # written while the clock was ahead: not later than the present
        (DAY, None, DAY),  # there is no file
    ],
)
def test_what_a_day_of_running_makes_of_files(
    clock: timedelta, oldest: timedelta | None, until: timedelta
) -> None:
    written = None if oldest is None else NOON + oldest
    assert aged(STEADY, DAY, NOON + clock, written) == Aging(NOON + until, NOON + clock)


def test_a_clock_that_is_set_ahead_and_back_leaves_ages_as_they_were() -> None:
    now = STEADY
    for hours in range(1, 25):
        ahead = 400 * DAY if 6 <= hours < 12 else timedelta(0)
        clock = NOON + timedelta(hours=hours) + ahead
        now = aged(now, timedelta(hours=1), clock, NOON - 90 * DAY)
    assert now == Aging(NOON + DAY, NOON + DAY)
