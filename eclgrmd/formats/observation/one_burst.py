"""Check that files belong to one burst, by the times of their triggers and data."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.times import TimeZero, seconds_between, utc_of

__all__ = ["Moment", "check_one_burst"]

_DAY_S = 86_400.0
_TRIGGERS_S = 3600.0
"""Largest distance of triggers of one burst: light takes minutes to the farthest satellites, and a
long burst may trigger twice."""
_BEFORE_S = 1.5 * _DAY_S
"""Longest time from the start of data to the trigger: daily files start up to a day before it."""
_DAYS_BEFORE_S, _DAYS_AFTER_S = 3.1 * _DAY_S, 2.1 * _DAY_S
"""The same for files of hours, and the longest time from the trigger to their start: files of the
days before and after a burst are models of its background."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Time of the trigger or of the start of data in a file."""

    file: str
    """Name of the file."""
    zero: TimeZero
    """Absolute time of its MET 0."""
    met_s: float
    """The time in its own MET, seconds."""
    is_trigger: bool
    """True: the trigger. False: the start of data."""
    of_hours: bool = False
    """True: the start of binned data of many hours, which need not contain the burst."""


def check_one_burst(moments: Sequence[Moment]) -> None:
    """Check that files belong to one burst.

    Triggers may lie an hour apart. Data may start a day and a half before a trigger, or an hour
    after it; binned data of many hours three days before it, or two after it. Files without
    absolute times are not checked.

    Raises
    ------
    InputError
        If two files do not belong together; the text has their names and times.
    """
    if len(moments) < 2:
        return
    first = moments[0]
    after_s = [seconds_between(first.zero, m.zero) + m.met_s - first.met_s for m in moments]
    # Only the earliest and latest of either kind are compared, since they differ most.
    extremes = {
        pick(kind, key=lambda i: after_s[i])
        for group in ((True, False), (False, False), (False, True))
        if (kind := [i for i, m in enumerate(moments) if (m.is_trigger, m.of_hours) == group])
        for pick in (min, max)
    }
    for i, j in combinations(sorted(extremes), 2):
        _check(moments[i], moments[j], after_s[j] - after_s[i])


def _check(one: Moment, other: Moment, later_s: float) -> None:
    """Raise InputError if `other`, which is `later_s` after `one`, cannot be of the same burst."""
    if one.is_trigger and other.is_trigger:
        allowed = abs(later_s) <= _TRIGGERS_S
    elif one.is_trigger or other.is_trigger:
        start_after_s = later_s if one.is_trigger else -later_s
        if one.of_hours or other.of_hours:
            allowed = -_DAYS_BEFORE_S <= start_after_s <= _DAYS_AFTER_S
        else:
            allowed = -_BEFORE_S <= start_after_s <= _TRIGGERS_S
    elif one.of_hours or other.of_hours:
        allowed = abs(later_s) <= _DAYS_BEFORE_S + _DAYS_AFTER_S
    else:
        allowed = abs(later_s) <= _BEFORE_S
    if not allowed:
        raise InputError(
            f"{_described(one)} and {_described(other)} lie {_length(abs(later_s))} apart: "
            "they are of different bursts, analyse each alone"
        )


def _described(moment: Moment) -> str:
    what = "trigger" if moment.is_trigger else "start of data"
    return f"{moment.file} ({what} {utc_of(moment.zero, moment.met_s)})"


def _length(seconds: float) -> str:
    days = seconds / _DAY_S
    return f"{days:.0f} days" if days >= 2.0 else f"{seconds / 3600.0:.1f} hours"
