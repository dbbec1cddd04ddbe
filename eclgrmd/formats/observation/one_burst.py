"""Check that files are of one burst: that the moments they tell lie together."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.times import TimeZero, seconds_between, utc_of

__all__ = ["Moment", "check_one_burst"]

_DAY_S = 86_400.0
_TRIGGERS_S = 3600.0
"""Triggers of one burst: light takes minutes to the farthest satellites, and a long burst may
trigger twice."""
_BEFORE_S = 1.5 * _DAY_S
"""Continuous data of a burst may begin a day before it."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a file says that its burst, or its data, began."""

    file: str
    zero: TimeZero
    met_s: float
    is_trigger: bool
    """False: the start of data."""


def check_one_burst(moments: Sequence[Moment]) -> None:
    """Refuse files that are of different bursts.

    Triggers may lie an hour apart, data may begin a day and a half before a trigger, or an hour
    after it. Files without absolute times are not judged.

    Raises
    ------
    InputError
        With the names and times of two files that do not belong together.
    """
    if len(moments) < 2:
        return
    first = moments[0]
    after_s = [seconds_between(first.zero, m.zero) + m.met_s - first.met_s for m in moments]
    # the earliest and the latest of either kind differ most: no need to compare each with each
    extremes = {
        pick(kind, key=lambda i: after_s[i])
        for is_trigger in (True, False)
        if (kind := [i for i, m in enumerate(moments) if m.is_trigger is is_trigger])
        for pick in (min, max)
    }
    for i, j in combinations(sorted(extremes), 2):
        _check(moments[i], moments[j], after_s[j] - after_s[i])


def _check(one: Moment, other: Moment, later_s: float) -> None:
    """Refuse two moments of which the other comes so much later."""
    if one.is_trigger and other.is_trigger:
        allowed = abs(later_s) <= _TRIGGERS_S
    elif one.is_trigger or other.is_trigger:
        start_after_s = later_s if one.is_trigger else -later_s
        allowed = -_BEFORE_S <= start_after_s <= _TRIGGERS_S
    else:
        allowed = abs(later_s) <= _BEFORE_S
    if not allowed:
        raise InputError(
            f"{_told(one)} and {_told(other)} lie {_length(abs(later_s))} apart: "
            "they are of different bursts, analyse each alone"
        )


def _told(moment: Moment) -> str:
    what = "trigger" if moment.is_trigger else "start of data"
    return f"{moment.file} ({what} {utc_of(moment.zero, moment.met_s)})"


def _length(seconds: float) -> str:
    days = seconds / _DAY_S
    return f"{days:.0f} days" if days >= 2.0 else f"{seconds / 3600.0:.1f} hours"
