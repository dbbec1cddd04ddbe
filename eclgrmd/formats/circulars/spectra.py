"""Parameters of spectra, fluences and peak fluxes in the text of a circular."""

import re
from collections.abc import Iterator

from eclgrmd.model.circular import CircularQuantity, CircularValue

from .clause import nearest_band, value_of
from .numbers import Number, bands, clauses, numbers, without_bands

__all__ = ["read_fluence", "read_parameters", "read_peak_flux"]

_ENERGY = r"(?P<unit>keV|MeV)\b"
_CM2 = r"cm\s?\^?\{?\(?-?2\)?\}?"
_PER_S = r"(?:\s*/\s*s|\s*s(?:ec)?\s?\^?\{?\(?-1|\s*/\s*sec)"
_FLUENCE = rf"ergs?\s*(?:/|\s)\s*{_CM2}(?!{_PER_S})"
_ENERGY_FLUX = rf"ergs?\s*(?:/|\s)\s*(?:{_CM2}{_PER_S}|s\s*/\s*{_CM2})"
_PHOTON_FLUX = r"(?:ph|phs|photons?)\s*(?:/|\s)\s*(?:cm|s)"
_TIME = r"(\d+(?:\.\d+)?)\s*-?\s*(ms|msec|s|sec|second)\b"
_SCALE = re.compile(rf"{_TIME}[^.;]{{0,12}}?(?=peak)|peak[^.;]{{0,40}}?\b{_TIME}")
_NAMES = {
    CircularQuantity.EPEAK: re.compile(r"\bE_?\{?(?:peak|p)\}?\b|\bpeak energy", re.IGNORECASE),
    CircularQuantity.ALPHA: re.compile(
        r"\balpha\b|(?:photon|power[- ]law|spectral|low[- ]energy(?: photon)?) index|\bindex\b",
        re.IGNORECASE,
    ),
    CircularQuantity.BETA: re.compile(r"\bbeta\b|high[- ]energy (?:photon )?index", re.IGNORECASE),
}
_OF_OTHERS = re.compile(r"\balpha\b|\bbeta\b|\bE_?\{?p|fluence|flux|redshift", re.IGNORECASE)
"""Words after which a number is no longer that of the name before them."""
_MODELS = {
    "cpl": re.compile(
        r"cut-?\s?off power[- ]law|power[- ]law[^.;]{0,60}?cut-?\s?off|comptoni[sz]ed|\bCPL\b|"
        r"exponentially cut",
        re.IGNORECASE,
    ),
    "band": re.compile(r"\bBand\b(?! is)|\bGRB \(Band|\bGRB function"),
    "pl": re.compile(r"(?:simple|single) power[- ]law", re.IGNORECASE),
}
"""Names of models; a band of energies is written small."""
_ANY_POWER_LAW = re.compile(r"power[- ]law", re.IGNORECASE)
_FAR = {CircularQuantity.EPEAK: 60, CircularQuantity.ALPHA: 40, CircularQuantity.BETA: 40}
"""Most characters between a name and its value."""
_LONGEST = 300
"""Most characters between the name of a fluence or flux and its value."""


def read_parameters(text: str) -> Iterator[CircularValue]:
    """Yield Epeak, alpha and beta of the first fit that a text describes."""
    blank = without_bands(text)
    first = {
        quantity: found for quantity in _NAMES if (found := _first(blank, quantity)) is not None
    }
    if not first:
        return
    model = _model(text, min(place for place, _ in first.values()), set(first))
    for quantity, (place, number) in first.items():
        words = text[place : number.stop + 4]
        if quantity is CircularQuantity.EPEAK:
            mega = text[number.stop : number.stop + 5].strip().startswith("MeV")
            factor = 1000.0 if mega else 1.0
            yield value_of(quantity, "keV", number, words, factor=factor, model=model)
        else:
            # Swift gives indices of E^-index, all others those of E^index.
            negated = number.value > 0.0 and "index" in words
            yield value_of(quantity, "", number, words, negated=negated, model=model)


def read_fluence(text: str) -> Iterator[CircularValue]:
    """Yield each fluence that a text states."""
    model = _model(text, len(text), set())
    for clause in clauses(text):
        known = bands(clause)
        for name in re.finditer(r"fluence", clause, re.IGNORECASE):
            number = next(numbers(clause[name.end() : name.end() + _LONGEST], _FLUENCE), None)
            if number is not None:
                stop = name.end() + number.stop
                yield value_of(
                    CircularQuantity.FLUENCE, "erg/cm2", number, clause[name.start() : stop + 10],
                    band_kev=nearest_band(known, stop), model=model,
                )  # fmt: skip
                break


def read_peak_flux(text: str) -> Iterator[CircularValue]:
    """Yield each peak flux that a text states."""
    for clause in clauses(text):
        known = bands(clause)
        name = re.search(r"peak (?:photon |energy )?flux", clause, re.IGNORECASE)
        if name is None:
            continue
        for unit, pattern in (("ph/cm2/s", _PHOTON_FLUX), ("erg/cm2/s", _ENERGY_FLUX)):
            number = next(numbers(clause[name.end() : name.end() + _LONGEST], pattern), None)
            if number is not None:
                stop = name.end() + number.stop
                yield value_of(
                    CircularQuantity.PEAK_FLUX, unit, number, clause[name.start() : stop + 12],
                    band_kev=nearest_band(known, stop), scale_s=_scale(clause),
                )  # fmt: skip
                break


def _first(blank: str, quantity: CircularQuantity) -> tuple[int, Number] | None:
    """Return the first number behind a name, and the place of the name; None: there is none."""
    unit = _ENERGY if quantity is CircularQuantity.EPEAK else ""
    for name in _NAMES[quantity].finditer(blank):
        rest = blank[name.end() : name.end() + _FAR[quantity] + 40]
        other = _OF_OTHERS.search(rest)
        within = rest[: other.start()] if other else rest
        for number in numbers(within, unit):
            if number.start <= _FAR[quantity]:
                at = number._replace(start=name.end() + number.start, stop=name.end() + number.stop)
                return name.start(), at
            break
    return None


def _model(text: str, before: int, found: set[CircularQuantity]) -> str:
    """Return the model that a text names last before a place; empty: it names none."""
    if CircularQuantity.BETA in found:
        return "band"
    places = {
        name: max((each.start() for each in pattern.finditer(text[:before])), default=-1)
        for name, pattern in _MODELS.items()
    }
    best = max(places, key=lambda name: places[name])
    if places[best] >= 0:
        return best
    if CircularQuantity.EPEAK in found:
        return "cpl"
    return "pl" if _ANY_POWER_LAW.search(text) else ""


def _scale(clause: str) -> float | None:
    found = _SCALE.search(clause)
    if found is None:
        return None
    number, unit = (found.group(1), found.group(2)) if found.group(1) else found.group(3, 4)
    return float(number) * (1e-3 if unit.startswith("ms") else 1.0)
