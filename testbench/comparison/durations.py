"""Cases with published durations; the burst is searched blind, without an interval."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from math import hypot
from pathlib import Path

from msgspec.structs import replace

from eclgrmd.model.configuration.sections import DurationChoice, TaskConfiguration
from eclgrmd.model.names import FileKind
from eclgrmd.model.result import Duration, Result, Width

from .case import Case, Check, Reference
from .explain import Allowed, explain
from .files import light_curve_files
from .recipes import published_background, recipe_configuration

__all__ = ["COMPARED", "duration_cases"]

COMPARED = {
    "gbm-bn": (
        "the catalogue cumulates photons of 50-300 keV: `of photons` is the same quantity; counts "
        "of the same band are listed, too"
    ),
    "gbm-pop": (
        "the catalogue cumulates photons of 50-300 keV; the files hold counts of 8-900 keV in 2 s "
        "bins and no response, so that nothing of ours is the same quantity"
    ),
    "bat-lc": (
        "battblocks counts between the first and the last block: `inside T100` is the same quantity"
    ),
    "batse": (
        "the catalogue sums the counts of all four channels between plateaus before and after the "
        "burst, including emission too weak for a block: our plain T90 is the same quantity, "
        "`inside T100` is not"
    ),
}
"""Which of our quantities is that of the catalogue, by kind of entry."""

RULE = re.compile(r"(T90|T50|start) \+-([\d.]+) s")
FREE_SEARCH = 0.15
"""Relative tolerance of durations from a blind search."""
BATSE_T90 = 0.25
"""Relative tolerance of T90 of BATSE bursts, from their entries."""
WIDTHS = (("T90", "t90"), ("T50", "t50"))
FILES = {
    "gbm-bn080916009": ("_tte_n3_", "_tte_b0_", "_n3_bn080916009_v00.rsp2", "_b0_bn080916009_v00"),
    "gbm-bn110721200": ("_tte_n6_",),
}
"""Parts of the names of the files with the light curve and its responses."""


def duration_cases(references: list[Reference], data: Path) -> Iterator[Case]:
    """Yield a case for every entry with a light curve and a published T90."""
    for reference in references:
        published = reference.get("duration")
        if not published or published.get("t90") is None:
            continue
        chosen = _chosen(reference, data)
        if chosen is None:
            continue
        files, configuration = chosen
        yield Case(
            name=reference["id"],
            files=files,
            configuration=configuration,
            checks=tuple(_checks(reference, [file.name for file in files])),
            authority=published.get("authority", "the references"),
            explain=partial(explain, reference, files, configuration, _allowed(reference)),
        )
        if not reference["id"].startswith("gbm-") or not published.get("background_intervals_s"):
            continue
        if reference["id"].startswith("gbm-pop"):
            yield _not_blind(reference, files, configuration)
        yield _by_recipe(reference, files, configuration)


def _not_blind(
    reference: Reference, files: tuple[Path, ...], configuration: TaskConfiguration
) -> Case:
    """Return the case with the catalogue's background intervals: only band and binning differ."""
    configuration = replace(configuration, background=published_background(reference))
    return Case(
        name=f"{reference['id']} with the published background intervals",
        files=files,
        configuration=configuration,
        checks=tuple(_of_kind(reference, _plain, "{} over the published background")),
        authority=reference["duration"].get("authority", "the references"),
        explain=partial(explain, reference, files, configuration, _allowed(reference)),
    )


def _by_recipe(
    reference: Reference, files: tuple[Path, ...], configuration: TaskConfiguration
) -> Case:
    """Return the case by the catalogue's recipe over its own background intervals.

    With responses these are durations of photons, as in the catalogue.
    """
    photons = any(".rsp" in file.name for file in files)
    label = "{} of photons by the catalogue's recipe" if photons else "{} by the catalogue's recipe"
    return Case(
        name=f"{reference['id']} by the catalogue's recipe",
        files=files,
        configuration=recipe_configuration(reference, configuration),
        checks=tuple(_of_kind(reference, _photons if photons else _plain, label)),
        authority=reference["duration"].get("authority", "the references"),
        explain=None,
    )


def _chosen(reference: Reference, data: Path) -> tuple[tuple[Path, ...], TaskConfiguration] | None:
    """Return the files of the light curve and the configuration of their analysis.

    The band is that of the catalogue if the files can be cut to it, else their whole band.
    """
    if names := _named(reference):
        band = (50.0, 300.0) if reference["id"].startswith("gbm-bn") else None
        choice = DurationChoice(band_kev=band)
        return tuple(data / name for name in names), TaskConfiguration(duration=choice)
    found = light_curve_files(reference, data)
    if found is None:
        return None
    low_high = reference["duration"].get("energy_keV")
    cut = found.kind is not FileKind.LIGHT_CURVE and isinstance(low_high, list)
    band = (float(low_high[0]), float(low_high[1])) if cut else None
    has_trigger = any(each.trigger_met_s is not None for each in found.descriptions)
    return found.files, TaskConfiguration(
        duration=DurationChoice(band_kev=band),
        trigger_time_s=None if has_trigger else reference.get("trigger_met"),
    )


def _named(reference: Reference) -> list[str]:
    """Return the light curves of an entry whose kind names them."""
    name, files = reference["id"], reference["files"]
    if name in FILES:
        return [file for file in files if any(part in file for part in FILES[name])]
    if name.startswith("bat-lc"):
        return sorted(files, key=lambda file: "64ms" not in file)[:1]
    return list(files) if name.startswith(("batse", "gbm-pop")) else []


Pick = Callable[[Duration], tuple[Width, Width]]
"""Returns T90 and T50 of one kind from a duration."""


def _plain(found: Duration) -> tuple[Width, Width]:
    return found.t90, found.t50


def _inside(found: Duration) -> tuple[Width, Width]:
    if found.t90_inside_t100 is None or found.t50_inside_t100 is None:
        raise KeyError("inside T100")
    return found.t90_inside_t100, found.t50_inside_t100


def _photons(found: Duration) -> tuple[Width, Width]:
    if found.photon_fluence is None:
        raise KeyError("photon fluence")
    return found.photon_fluence.t90, found.photon_fluence.t50


def _checks(reference: Reference, names: list[str]) -> Iterator[Check]:
    """Yield checks of our durations, by our and by the catalogue's own definition.

    Swift's battblocks counts only inside T100; the GBM catalogue cumulates photons.
    """
    yield from _of_kind(reference, _plain, "{}")
    if reference["id"].startswith("bat-lc"):
        yield from _of_kind(reference, _inside, "{} inside T100")
    if any(".rsp" in name for name in names):
        yield from _of_kind(reference, _photons, "{} of photons")


def _of_kind(reference: Reference, pick: Pick, label: str) -> Iterator[Check]:
    published = reference["duration"]
    stated = _stated(reference)
    for index, (quantity, key) in enumerate(WIDTHS):
        value = published.get(key)
        if value is None:
            continue
        tolerance, rule = _tolerance(reference, quantity, key)
        error = published.get(f"{key}_err") or 0.0
        yield Check(
            label.format(quantity),
            value,
            tolerance,
            partial(_value, pick, index),
            rule,
            sigma=partial(_sigma, pick, index, value, error),
        )
    if "start" in stated and published.get("t90_start") is not None:
        start = published["t90_start"]
        yield Check(label.format("start"), start, float(stated["start"]), _start(pick), "entry")


def _allowed(reference: Reference) -> Allowed:
    t90, t50 = (_tolerance(reference, *names)[0] for names in WIDTHS)
    return t90, t50


def _stated(reference: Reference) -> dict[str, str]:
    return dict(RULE.findall(reference.get("tolerance") or ""))


def _tolerance(reference: Reference, quantity: str, key: str) -> tuple[float, str]:
    stated = _stated(reference)
    if quantity in stated:
        return float(stated[quantity]), "entry"
    if reference["duration"].get(key) is None:
        return 0.0, "not published"
    return _relative(reference, key)


def _relative(reference: Reference, key: str) -> tuple[float, str]:
    """Return the tolerance for entries without absolute ones, and its rule.

    Entries of the population have no tolerance at all: the rule for a blind search is ours.
    """
    published = reference["duration"]
    value, error = published[key], published.get(f"{key}_err") or 0.0
    if reference["id"].startswith("batse") and key == "t90":
        return BATSE_T90 * value, "25 %"
    rule = "max(3 err, 15 %)"
    return max(3 * error, FREE_SEARCH * value), rule


def _value(pick: Pick, index: int, result: Result) -> float | None:
    return pick(result.durations[0])[index].value_s


def _start(pick: Pick) -> Callable[[Result], float | None]:
    return lambda result: pick(result.durations[0])[0].start_s


def _sigma(pick: Pick, index: int, value: float, error: float, result: Result) -> float | None:
    width = pick(result.durations[0])[index]
    if width.value_s is None:
        return None
    ours = width.err_minus_s if width.value_s > value else width.err_plus_s
    return abs(width.value_s - value) / max(hypot(error, ours or 0.0), 1e-9)
