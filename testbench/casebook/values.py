"""Looks up values in a result by path."""

from collections.abc import Iterator
from typing import Any, NamedTuple

__all__ = ["NAMES", "Found", "flags_of", "look_up"]

NAMES = {
    "T90": "durations.0.t90",
    "T90 inside T100": "durations.0.t90_inside_t100",
    "T90 start": "durations.0.t90.start_s",
    "net counts": "durations.0.net_counts",
    "significance": "durations.0.significance",
    "detectors": "durations.0.detectors",
    "photon fluence": "durations.0.photon_fluence.fluence",
    "hardness": "durations.0.character.hardness.ratio",
    "soft band": "durations.0.character.hardness.soft_band_kev",
    "hard band": "durations.0.character.hardness.hard_band_kev",
    "index": "spectra.0.models.pl.parameters.index",
    "amplitude": "spectra.0.models.pl.parameters.amplitude",
    "statistic": "spectra.0.models.pl.statistic_value",
    "amplitude [2]": "spectra.1.models.pl.parameters.amplitude",
    "interval": "spectra.0.interval_s",
    "fluence": "spectra.0.models.0.fluence_erg.0",
    "flux": "spectra.0.models.0.flux.0.energy_erg",
}
"""Paths by short name. A step is a key, an index, or the `name` of an element of a list."""


class Found(NamedTuple):
    """A value and its 1-sigma errors."""

    value: Any
    """The value. None: there is none."""
    err_minus: float | None = None
    """Size of the lower error. None: unknown."""
    err_plus: float | None = None
    """Size of the upper error. None: unknown."""


def look_up(result: dict[str, Any], of: str) -> Found:
    """Return the value at a short name or path; its value is None if there is none."""
    node: Any = result
    for step in NAMES.get(of, of).split("."):
        node = _step(node, step)
        if node is None:
            return Found(None)
    if isinstance(node, dict):
        ending = "_s" if "value_s" in node else ""
        parts = (node.get(f"{part}{ending}") for part in ("value", "err_minus", "err_plus"))
        return Found(*parts)
    return Found(node)


def _step(node: Any, step: str) -> Any:
    if isinstance(node, dict):
        return node.get(step)
    if not isinstance(node, list):
        return None
    if step.isdigit():
        return node[int(step)] if int(step) < len(node) else None
    return next(
        (each for each in node if isinstance(each, dict) and each.get("name") == step), None
    )


def flags_of(node: Any) -> Iterator[str]:
    """Yield every flag in a result, at any depth."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "flags":
                yield from (each if isinstance(each, str) else each["text"] for each in value)
            else:
                yield from flags_of(value)
    elif isinstance(node, list):
        for value in node:
            yield from flags_of(value)
