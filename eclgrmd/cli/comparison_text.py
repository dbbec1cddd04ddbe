"""A comparison of two runs as text."""

import json
from collections.abc import Iterator

from msgspec import to_builtins

from eclgrmd.model.comparison import Comparison
from eclgrmd.model.measurement import Measurement

__all__ = ["comparison_lines", "measured"]


def comparison_lines(found: Comparison) -> Iterator[str]:
    """Yield the lines of a comparison: configuration, software, inputs, values, flags and steps."""
    yield f"{found.burst_id}: {found.before or 'before'} -> {found.after or 'after'}"
    for part, changes in (("configuration", found.configuration), ("software", found.software)):
        for change in changes:
            before, after = (
                json.dumps(to_builtins(each)) for each in (change.before, change.after)
            )
            yield f"{part} {change.pointer}: {before} -> {after}"
    for name in found.inputs:
        yield f"input {name}: not the same in both"
    changed = [value for value in found.values if value.before != value.after]
    same = len(found.values) - len(changed)
    yield f"{same} of {len(found.values)} values are the same, to the bit"
    for value in changed:
        distance = "" if value.sigma is None else f"  {value.sigma:+.2f} sigma"
        sides = f"{_side(value.before)} -> {_side(value.after)}"
        yield f"{value.name:48} {sides} {value.unit}{distance}".rstrip()
    for sign, flags in (("-", found.flags_gone), ("+", found.flags_new)):
        for flag in flags:
            yield f"flag {sign} {flag}"
    if found.steps_reused:
        yield f"steps reused: {', '.join(found.steps_reused)}"


def measured(value: float | None, err_minus: float | None, err_plus: float | None) -> str:
    """Return a value with its errors; `-` if there is none."""
    if value is None:
        return "-"
    known = err_minus is not None or err_plus is not None
    errors = [("?" if each is None else f"{each:.3g}") for each in (err_minus, err_plus)]
    return f"{value:.6g}" + (f" (-{errors[0]} +{errors[1]})" if known else "")


def _side(value: Measurement) -> str:
    return measured(value.value, value.err_minus, value.err_plus)
