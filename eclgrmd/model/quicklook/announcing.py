"""The rule that decides which updates of the quick look are announced, against flapping."""

from collections.abc import Iterator

from eclgrmd.model.result import Width

from .updates import InstrumentUpdate, QuickLookUpdate

__all__ = ["why_announce"]

_SURE_SIGMA = 1.0
"""Change of T90 that is announced, in units of the largest of its errors; a choice."""
_LEAST_CHANGE = 0.2
"""Relative change of T90 that is announced while it still grows with every packet; a choice."""


def why_announce(announced: QuickLookUpdate | None, now: QuickLookUpdate) -> str:
    """Return why an update is announced; empty: it is not.

    Announced are: the first significant excess, and its loss; the end of the burst, and a new
    rise; another class; a T90 of the announced instrument that moved by more than its largest
    error (and by 20 % while it still rises); the first spectrum; the first packet that is left
    out for a cause; the final update.

    Parameters
    ----------
    announced
        The update that was announced last; None: none was.
    now
        The new update.
    """
    if now.final:
        return "" if announced == now else "final"
    before = None if announced is None else announced.of(announced.reference)
    if announced is None or before is None:
        return "" if now.reference is None else "first significant excess"
    seen = now.of(before.instrument)
    if now.reference is None or seen is None:
        return "the excess is gone"
    return next(_changes(announced, now, before, seen), "")


def _changes(
    announced: QuickLookUpdate,
    now: QuickLookUpdate,
    before: InstrumentUpdate,
    seen: InstrumentUpdate,
) -> Iterator[str]:
    if seen.progress == "ended" and before.progress != "ended":
        yield "the burst has ended"
    if seen.progress == "rising" and before.progress == "ended":
        yield "the burst goes on"
    if _name(now) != _name(announced):
        yield f"class is now {_name(now)}"
    if _moved(before.duration.t90, seen.duration.t90, rising=seen.progress == "rising"):
        yield "T90 has changed"
    if announced.spectrum is None and now.spectrum is not None:
        yield "first spectrum"
    if now.set_aside.keys() - announced.set_aside.keys():
        yield "a packet was left out"


def _name(update: QuickLookUpdate) -> str | None:
    return None if update.classification is None else update.classification.name


def _moved(before: Width, now: Width, *, rising: bool) -> bool:
    if before.value_s is None or now.value_s is None:
        return before.value_s != now.value_s
    change = abs(now.value_s - before.value_s)
    errors = (before.err_minus_s, before.err_plus_s, now.err_minus_s, now.err_plus_s)
    if change <= _SURE_SIGMA * max(each or 0.0 for each in errors):
        return False
    return not rising or change > _LEAST_CHANGE * before.value_s
