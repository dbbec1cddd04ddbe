"""Cases whose durations were published: the burst is found blind, no interval is given."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from eclgrmd.model.configuration import DurationChoice, TaskConfiguration
from eclgrmd.model.result import Result

from .case import Case, Check, Reference

__all__ = ["duration_cases"]

RULE = re.compile(r"(T90|T50|start) \+-([\d.]+) s")
FREE_SEARCH = 0.15
BATSE_T90 = 0.25
FILES = {
    "gbm-bn080916009": ("_tte_n3_", "_tte_b0_", "_n3_bn080916009_v00.rsp2"),
    "gbm-bn110721200": ("_tte_n6_",),
}
"""Parts of the names of the files that hold the light curve."""


def duration_cases(references: list[Reference], data: Path) -> Iterator[Case]:
    """Make a case of every entry that has a light curve and a published T90."""
    for reference in references:
        files = _light_curves(reference)
        published = reference.get("duration")
        if not files or not published or published.get("t90") is None:
            continue
        yield Case(
            name=reference["id"],
            files=tuple(data / file for file in files),
            configuration=TaskConfiguration(
                duration=DurationChoice(band_kev=_band(reference)),
            ),
            checks=tuple(_checks(reference)),
            authority=published["authority"],
            population=not reference["id"].startswith("gbm-bn"),
        )


def _light_curves(reference: Reference) -> list[str]:
    name, files = reference["id"], reference["files"]
    if name in FILES:
        return [file for file in files if any(part in file for part in FILES[name])]
    if name.startswith("bat-lc"):
        return sorted(files, key=lambda file: "64ms" not in file)[:1]
    if name.startswith("batse"):
        return [file for file in files if "list" not in file]
    return list(files) if name.startswith("gbm-pop") else []


def _band(reference: Reference) -> tuple[float, float] | None:
    """Give the band of the catalogue where the file can be cut to it; else all there is."""
    return (50.0, 300.0) if reference["id"].startswith("gbm-bn") else None


def _checks(reference: Reference) -> Iterator[Check]:
    published = reference["duration"]
    stated = dict(RULE.findall(reference.get("tolerance") or ""))
    for quantity, key in (("T90", "t90"), ("T50", "t50"), ("start", "t90_start")):
        value = published.get(key)
        if value is None:
            continue
        if stated:
            tolerance, rule = float(stated[quantity]), "entry"
        elif quantity == "start":
            continue
        else:
            tolerance, rule = _relative(reference, key)
        yield Check(quantity, value, tolerance, GETTERS[key], rule)


def _relative(reference: Reference, key: str) -> tuple[float, str]:
    """Give the tolerance that entries without absolute ones ask for.

    The population has none: it is judged by the rule of a free search, which is ours there.
    """
    published = reference["duration"]
    value, error = published[key], published.get(f"{key}_err") or 0.0
    if reference["id"].startswith("batse") and key == "t90":
        return BATSE_T90 * value, "25 %"
    rule = "max(3 err, 15 %)"
    return max(3 * error, FREE_SEARCH * value), rule


def _t90(result: Result) -> float | None:
    return result.durations[0].t90.value_s


def _t50(result: Result) -> float | None:
    return result.durations[0].t50.value_s


def _start(result: Result) -> float | None:
    return result.durations[0].t90.start_s


GETTERS: dict[str, Callable[[Result], float | None]] = {
    "t90": _t90,
    "t50": _t50,
    "t90_start": _start,
}
