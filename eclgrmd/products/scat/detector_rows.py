"""The extension DETECTOR DATA of a SCat file: what each detector contributed to each fit."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.spectral.fit.models import photon_density, photon_model
from eclgrmd.analysis.spectral.results import IntervalFits, SpectralFit
from eclgrmd.formats import Provenance
from eclgrmd.formats.write.hdus import Card, Column, table
from eclgrmd.model.observation import Channels, Floats, Spectrum

__all__ = ["detector_table"]

_DENSITY = "ph / (s cm^2 keV)"


def detector_table(
    pairs: Sequence[tuple[IntervalFits, SpectralFit]], cards: Sequence[Card], provenance: Provenance
) -> Any:
    """Return the extension, with a row for each detector of each interval.

    PHTCNTS are unfolded counts: they depend on the model, as in every such file. Rows of detectors
    with fewer channels than others end in NaN.
    """
    rows = [
        (spectrum, channels, folded, used, fit)
        for interval, fit in pairs
        for spectrum, folded, used in zip(interval.spectra, fit.folded, interval.used, strict=True)
        if (channels := _channels(spectrum)) is not None
    ]
    most = max((len(channels.e_min_kev) for _, channels, *_ in rows), default=1)
    unfolded = [_unfolded(each, channels, folded, fit) for each, channels, folded, _, fit in rows]
    columns: list[Column] = [
        ("INSTRUME", "20A", "", np.array([str(each.instrument) for each, *_ in rows])),
        ("DETNAM", "20A", "", np.array([each.detector for each, *_ in rows])),
        ("DATATYPE", "20A", "", np.array(["PHA" for _ in rows])),
        ("DETSTAT", "20A", "", np.array(["INCLUDED" for _ in rows])),
        ("DATAFILE", "60A", "", np.array([_file(each.files) for each, *_ in rows])),
        ("RSPFILE", "60A", "", np.array([_response_file(each) for each, *_ in rows])),
        ("FIT_INT", "60A", "", np.array([_interval(*row[:4]) for row in rows])),
        ("CHANNUM", "J", "", np.array([len(channels.e_min_kev) for _, channels, *_ in rows])),
        ("FITCHAN", "2J", "", np.array([_range(used) for *_, used, _ in rows])),
        ("E_EDGES", f"{most + 1}E", "keV", _padded([_edges(row[1]) for row in rows], most + 1)),
    ]
    for index, name in enumerate(("PHTCNTS", "PHTMODL", "PHTERRS")):
        values = _padded([each[index] for each in unfolded], most)
        columns.append((name, f"{most}E", _DENSITY, values))
    number: Card = ("NUMFITS", len(pairs), "number of spectral fits")
    return table("DETECTOR DATA", columns, [*cards, number], provenance)


def _unfolded(
    spectrum: Spectrum, channels: Channels, folded: Floats, fit: SpectralFit
) -> tuple[Floats, Floats, Floats]:
    """Return unfolded net counts, model and errors of the counts, photons/cm2/s/keV, by channel."""
    low, high = channels.e_min_kev, channels.e_max_kev
    names = photon_model(fit.name).names
    values = np.array([fit.parameters[name].value for name in names], dtype=np.float64)
    model = photon_density(fit.name, values, np.sqrt(np.maximum(low, 1e-3) * high))
    background = 0.0 if spectrum.background is None else spectrum.background.counts
    variance = np.maximum(spectrum.counts, 0.0) if spectrum.error is None else spectrum.error**2
    if spectrum.background is not None and spectrum.background.error is not None:
        variance = variance + spectrum.background.error**2
    with np.errstate(divide="ignore", invalid="ignore"):
        photons = np.where(folded > 0.0, model / folded, np.nan)
    return (spectrum.counts - background) * photons, model, np.sqrt(variance) * photons


def _channels(spectrum: Spectrum) -> Channels | None:
    if spectrum.channels is not None or spectrum.response is None:
        return spectrum.channels
    return spectrum.response.channels


def _edges(channels: Channels) -> Floats:
    return np.append(channels.e_min_kev, channels.e_max_kev[-1])


def _padded(rows: Sequence[Floats], length: int) -> Floats:
    padded = np.full((len(rows), length), np.nan)
    for row, values in zip(padded, rows, strict=True):
        row[: len(values)] = values
    return padded


def _range(used: NDArray[np.bool_]) -> tuple[int, int]:
    """Return the index of the first and of the last fitted channel."""
    found = np.flatnonzero(used)
    return (int(found[0]), int(found[-1])) if len(found) else (0, 0)


def _interval(spectrum: Spectrum, channels: Channels, _: Floats, used: NDArray[np.bool_]) -> str:
    """Return times, energies and channels of the fit in the words of GBM's files."""
    first, last = _range(used)
    low, high = channels.e_min_kev[first], channels.e_max_kev[last]
    times = f"{spectrum.start_s:.3f}: {spectrum.stop_s:.3f} s"
    return f"{times}, {low:.2f}: {high:.2f} keV, channels {first}: {last}"


def _file(names: Sequence[str]) -> str:
    return names[0] if names else "none"


def _response_file(spectrum: Spectrum) -> str:
    return "none" if spectrum.response is None else _file(spectrum.response.files)
