"""Lists values that changed since an earlier run of the comparison."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from .run import Row

__all__ = ["moved_lines", "read_rows"]

NOTABLE = 1e-3
"""Relative change below which a value with the same verdict is only counted."""


def read_rows(path: Path) -> list[Row]:
    """Read rows that `--json` wrote.

    Raises
    ------
    OSError, msgspec.DecodeError
        If the file does not exist or holds something else.
    """
    return msgspec.json.decode(path.read_bytes(), type=list[Row])


def moved_lines(before: Sequence[Row], after: Sequence[Row]) -> Iterator[str]:
    """Yield a line per changed value, with the reason for each case, and a count."""
    earlier = {(row.case, row.quantity): row for row in before}
    later = {(row.case, row.quantity): row for row in after}
    yield f"{'':56}{'published':>12}{'before':>12}{'after':>12}  verdict"
    little, reasons = 0, dict[str, str]()
    for key in [*earlier, *(key for key in later if key not in earlier)]:
        old, new = earlier.get(key), later.get(key)
        if old is not None and new is not None and not _moved(old, new):
            little += old.ours != new.ours
            continue
        either = new or old
        if either is None:
            continue
        numbers = "".join(f"{_shown(row):>12}" for row in (old, new))
        verdicts = " -> ".join(row.verdict if row else "absent" for row in (old, new))
        yield f"{' '.join(key):56}{either.published:>12.5g}{numbers}  {verdicts}"
        reasons[either.case] = either.explanation
    yield from (f"why {case}: {reason}" for case, reason in reasons.items() if reason)
    yield f"{little} other values changed by less than {NOTABLE:.1%}, {len(later)} in all"


def _moved(old: Row, new: Row) -> bool:
    if old.verdict != new.verdict or old.ours is None or new.ours is None:
        return old.verdict != new.verdict or old.ours is not new.ours
    return abs(new.ours - old.ours) > NOTABLE * abs(old.ours)


def _shown(row: Row | None) -> str:
    return "-" if row is None or row.ours is None else f"{row.ours:.5g}"
