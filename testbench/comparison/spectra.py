"""Cases with published spectra: the same files, channels and statistic."""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from math import log10
from pathlib import Path

from eclgrmd.model.configuration.sections import SpectralChoice, TaskConfiguration
from eclgrmd.model.result import Result

from .case import Case, Check, Reference, Selection
from .parameters import parameter_error, parameter_value
from .refits import repeated_fits

__all__ = ["spectral_cases"]

ALL_ENERGIES_KEV = (0.0, 1e6)
"""Range of fits that excluded channels only by number."""
K_EDGE = Selection(((1, 10), (30, 40)))
"""Channels that the published fits of GRB 220426A excluded."""
IGNORED = re.compile(r"(\d+):([\d,-]+)")
SAVED_SESSION = re.compile(r"XSPEC script ([^\s:]+)")
LOADED = re.compile(r"^data \S+:(\d+) (\S+)$", re.MULTILINE)


def spectral_cases(references: list[Reference], data: Path) -> Iterator[Case]:
    """Yield a case for every published fit that can be repeated.

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    ValueError
        If an entry has fits, but none that can be repeated.
    """
    for reference in references:
        if not reference.get("fits"):
            continue
        if recipe := RECIPES.get(reference["id"]):
            yield from recipe(reference, data)
        elif SAVED_SESSION.search(reference["fits"][0].get("selection", "")):
            yield _konus(reference, data)
        else:
            yield from repeated_fits(reference, data)


def _check(name: str, published: float, tolerance: float, rule: str, *, spectrum: int = 0) -> Check:
    label = name if not spectrum else f"{name} [{spectrum + 1}]"
    return Check(label, published, tolerance, partial(parameter_value, name, spectrum), rule)


def _files(reference: Reference, data: Path, *parts: str) -> tuple[Path, ...]:
    return tuple(data / file for file in reference["files"] if any(part in file for part in parts))


def _grb_080916c(reference: Reference, data: Path) -> Iterator[Case]:
    """Yield the fits of the catalogue and of GCN 8278.

    Both also used detector n4, whose data we do not have, and other backgrounds. They differ from
    each other by more than their errors: the background dominates.
    """
    labels = ("gbm-bn080916009 Band, catalogue", "gbm-bn080916009 Band, GCN 8278")
    for label, published in zip(labels, reference["fits"], strict=True):
        start, stop = published["interval_s"]
        values, errors = published["params"], published["errors_1sigma"]
        yield Case(
            name=label,
            files=_files(reference, data, "_tte_", "v00.rsp2"),
            configuration=TaskConfiguration(
                spectral=SpectralChoice(intervals=((float(start), float(stop)),))
            ),
            checks=tuple(
                _sigmas(name, values[key], errors[key])
                for name, key in (("alpha", "alpha"), ("beta", "beta"), ("epeak_kev", "Epeak_keV"))
            ),
            authority=published["authority"],
        )


def _sigmas(name: str, published: float, error: float) -> Check:
    """Return a check with a tolerance of three errors, theirs and ours in quadrature."""
    return Check(
        name,
        published,
        3 * error,
        partial(parameter_value, name, 0),
        "3 sigma, theirs and ours",
        partial(parameter_error, name, 0),
    )


def _grb_090217(reference: Reference, data: Path) -> Iterator[Case]:
    """Yield the fits of GRB 090217, which exclude the iodine edge at 30-40 keV in NaI."""
    power_law, band = reference["fits"][0], reference["fits"][1]
    edge = {
        "bn090217206_n6_srcspectra.pha": Selection(((1, 5), (21, 27), (126, 128))),
        "bn090217206_n9_srcspectra.pha": Selection(((1, 7), (22, 28), (126, 128))),
    }
    yield Case(
        name="gbm-bn090217206 PL n6",
        files=_files(reference, data, "_n6_"),
        configuration=TaskConfiguration(spectral=SpectralChoice(models=("pl",))),
        checks=(_check("index", power_law["params"]["index"], 0.01, "entry"),),
        authority=power_law["authority"],
        selections=edge,
    )
    yield Case(
        name="gbm-bn090217206 Band",
        files=_files(reference, data, "_n6_", "_n9_", "_b1_"),
        configuration=TaskConfiguration(
            spectral=SpectralChoice(energy_kev={"b1": (200.0, 10_000.0)})
        ),
        checks=(
            _check("alpha", band["params"]["alpha"], 0.06, "entry"),
            _check("epeak_kev", band["params"]["Epeak_keV"], 40.0, "entry"),
        ),
        authority=band["authority"],
        selections=edge,
    )


def _grb_110731a(reference: Reference, data: Path) -> Iterator[Case]:
    """Yield the joint fit of GRB 110731A with BAT.

    It used every channel that overlaps 8-900, 250-10000 or 15-150 keV, and no SYS_ERR of BAT. We
    use channels fully inside a range, so the ranges here are a channel wider.
    """
    published = reference["fits"][1]
    values = published["params"]
    yield Case(
        name="gbm-bat-bn110731465 Band, constants",
        files=_files(reference, data, ".pha", ".rsp", ".bak"),
        configuration=TaskConfiguration(
            spectral=SpectralChoice(
                energy_kev={"n6": (7.0, 925.0), "b0": (230.0, 10_300.0), "BAT": (13.5, 152.0)},
                area_correction=True,
            )
        ),
        selections={"gbm_bat_joint_BAT.pha": Selection(systematic=False)},
        checks=(
            _check("alpha", values["alpha"], 0.04, "entry"),
            _check("beta", values["beta"], 0.3, "entry"),
            _check("epeak_kev", values["Epeak_keV"], 40.0, "entry"),
            Check("n6 / BAT", values["const_n6"], 0.06, partial(_constant, "n6"), "entry"),
            Check("b0 / BAT", values["const_b0"], 0.06, partial(_constant, "b0"), "entry"),
        ),
        authority=published["authority"],
    )


def _constant(detector: str, result: Result) -> float | None:
    """Return a detector's effective-area constant relative to that of BAT."""
    area = result.spectra[0].models[0].area
    ours, bat = (area[name].value if name in area else None for name in (detector, "BAT"))
    return None if ours is None or not bat else ours / bat


def _grb_220426a(reference: Reference, data: Path) -> Iterator[Case]:
    checks: list[Check] = []
    for fit in (fit for fit in reference["fits"] if "row" in fit):
        row, values = fit["row"] - 1, fit["params"]
        checks.append(_check("alpha", values["alpha"], 0.01, "entry", spectrum=row))
        checks.append(_check("epeak_kev", values["Epeak_keV"], 0.5, "entry", spectrum=row))
    files = _files(reference, data, "_srcspectra.pha", "_bkgspectra.bak", "_weightedrsp.rsp")
    yield Case(
        name="gbm-bn220426285 Band, 11 rows",
        files=files,
        configuration=TaskConfiguration(
            spectral=SpectralChoice(area_correction=True, energy_kev={"GBM": ALL_ENERGIES_KEV})
        ),
        checks=tuple(checks),
        authority="XSPEC 12.14.0h logs",
        selections={file.name: K_EDGE for file in files if file.suffix == ".pha"},
    )


def _bayspec(reference: Reference, data: Path) -> Iterator[Case]:
    published = reference["fits"][0]
    values = published["params"]
    yield Case(
        name="gbm-bayspec-10s CPL",
        files=_files(reference, data, "he.", "me."),
        configuration=TaskConfiguration(
            spectral=SpectralChoice(
                models=("cpl",),
                energy_kev={"me": (8.0, 900.0), "he": (300.0, 38_000.0)},
            )
        ),
        checks=(
            _check("alpha", values["alpha"], 0.002, "entry"),
            Check("log Epeak", values["log10_Ep"], 0.003, _log_epeak, "entry"),
            Check("PGSTAT", published["stat"]["total"], 0.2, _statistic, "entry"),
        ),
        authority=published["authority"],
    )


def _log_epeak(result: Result) -> float | None:
    value = parameter_value("epeak_kev", 0, result)
    return None if not value else log10(value)


def _statistic(result: Result) -> float | None:
    return result.spectra[0].models[0].statistic_value


def _konus(reference: Reference, data: Path) -> Case:
    """Return the fit of a saved XSPEC session of Konus-Wind: its bins and its chi-square."""
    published = reference["fits"][0]
    folder = (data / reference["files"][0]).parent
    session = SAVED_SESSION.search(published["selection"])
    if session is None:
        raise ValueError("names no saved XSPEC session")
    script = (folder / session[1]).read_text()
    loaded = {int(number): folder / name for number, name in LOADED.findall(script)}
    values = published["params"]
    checks = [_check("alpha", values["alpha"], 0.003, "entry")]
    if "beta" in values:
        checks.append(_check("beta", values["beta"], 0.01, "entry"))
    epeak = values["Epeak_keV"]
    checks.append(_check("epeak_kev", epeak, 0.003 * epeak, "entry"))
    statistic = published.get("our_check", {}).get("chi2")
    if statistic is not None:
        checks.append(Check("chi2", statistic, 0.1, _statistic, "entry, computed before"))
    return Case(
        name=f"{reference['id']} Konus {published['model']}",
        files=tuple(loaded.values()),
        configuration=TaskConfiguration(
            spectral=SpectralChoice(models=(published["model"],), statistic="chi2")
        ),
        checks=tuple(checks),
        authority=published["authority"],
        selections=_selections(script, loaded),
    )


def _selections(script: str, loaded: Mapping[int, Path]) -> dict[str, Selection]:
    """Return the bins that an XSPEC script excludes."""
    line = next(line for line in script.splitlines() if line.startswith("ignore"))
    return {
        loaded[int(number)].name: Selection(tuple(_range(part) for part in ranges.split(",")))
        for number, ranges in IGNORED.findall(line)
    }


def _range(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    return int(first), int(last or first)


RECIPES = {
    "gbm-bn080916009": _grb_080916c,
    "gbm-bn090217206": _grb_090217,
    "gbm-bat-bn110731465": _grb_110731a,
    "gbm-bn220426285": _grb_220426a,
    "gbm-bayspec-10s": _bayspec,
}
"""Fits by entry that need more than their text says: channels, constants, files."""
