"""Which updates of the quick look are announced: the rule against flapping."""

from collections.abc import Iterator

from eclgrmd.model.result import Width

from .updates import InstrumentUpdate, QuickLookUpdate

__all__ = ["why_announce"]

_SURE_SIGMA = 1.0
_LEAST_CHANGE = 0.2
"""Of T90, while it still rises: it grows with every packet."""


def why_announce(told: QuickLookUpdate | None, now: QuickLookUpdate) -> str:
    """Say why an update is worth an announcement; empty: it is not.

    Announced are: the first significant excess, and that it is gone; a burst that has ended, or
    rises again; a class that is another; T90 of the announced instrument that has moved by more
    than 1 sigma of either error (and by 20 % while it still rises); the first spectrum; a packet
    that is left out for another cause than those before; the final update.

    Parameters
    ----------
    told
        What was announced last; None: nothing.
    now
        What is known now.
    """
    if now.final:
        return "" if told == now else "final"
    before = None if told is None else told.of(told.reference)
    if told is None or before is None:
        return "" if now.reference is None else "first significant excess"
    seen = now.of(before.instrument)
    if now.reference is None or seen is None:
        return "the excess is gone"
    return next(_changes(told, now, before, seen), "")


def _changes(
    told: QuickLookUpdate, now: QuickLookUpdate, before: InstrumentUpdate, seen: InstrumentUpdate
) -> Iterator[str]:
    if seen.progress == "ended" and before.progress != "ended":
        yield "the burst has ended"
    if seen.progress == "rising" and before.progress == "ended":
        yield "the burst goes on"
    if _name(now) != _name(told):
        yield f"class is now {_name(now)}"
    if _moved(before.duration.t90, seen.duration.t90, rising=seen.progress == "rising"):
        yield "T90 has changed"
    if told.spectrum is None and now.spectrum is not None:
        yield "first spectrum"
    if now.set_aside.keys() - told.set_aside.keys():
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
