"""Pair each ready-made spectrum with its background, response and effective area."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Background, Floats, Response, Spectrum

from .identity import stem_of
from .pha import PhaSpectrum, Reference, is_poisson
from .response import Area, apply_area

__all__ = ["Calibration", "Matrices", "pair"]


@dataclass(frozen=True, slots=True, eq=False)
class Matrices:
    """All matrices of one response file."""

    responses: tuple[Response, ...]
    redistribution_only: bool
    """True where an effective area is still to be applied."""


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What spectra can be paired with, by file name."""

    backgrounds: Mapping[str, tuple[PhaSpectrum, ...]]
    responses: Mapping[str, Matrices]
    areas: Mapping[str, Area]


def pair(spectrum: PhaSpectrum, calibration: Calibration) -> tuple[Spectrum, str]:
    """Make the spectrum that a fit needs; also return the response file used, or an empty text.

    A file that the spectrum names wins; else one of the same detector and number of channels. Row
    k of several goes with row or extension k where the numbers of both agree, else with the
    matrix nearest in time.
    """
    flags = []
    name, response = _response(spectrum, calibration)
    if response is None:
        flags.append("no response")
    background = None if spectrum.net else _background(spectrum, calibration.backgrounds)
    if background is None and not spectrum.net:
        flags.append("no background")
    start_s, stop_s = spectrum.start_s, spectrum.stop_s
    if start_s is None or stop_s is None:
        start_s, stop_s = 0.0, spectrum.exposure_s
        flags.append("times unknown")
    return (
        Spectrum(
            spectrum.instrument,
            spectrum.detector,
            start_s,
            stop_s,
            spectrum.counts,
            spectrum.exposure_s,
            background,
            response,
            response.channels if response is not None else spectrum.channels,
            spectrum.error,
            spectrum.systematic,
            spectrum.good,
            spectrum.grouping,
            tuple(flags),
        ),
        name,
    )


def _response(spectrum: PhaSpectrum, calibration: Calibration) -> tuple[str, Response | None]:
    fitting = {
        name: matrices
        for name, matrices in calibration.responses.items()
        if matrices.responses[0].matrix_cm2.shape[1] == len(spectrum.counts)
    }
    name = _choose(
        spectrum,
        spectrum.response,
        {name: (m.responses[0].instrument, m.responses[0].detector) for name, m in fitting.items()},
    )
    if name is None:
        return "", None
    response = _matrix_of(spectrum, fitting[name].responses)
    area = _area(spectrum, fitting[name], response, calibration.areas)
    if area is not None:
        response = apply_area(response, area)
    if (spectrum.area_scale != 1.0).any():
        response = replace(response, matrix_cm2=response.matrix_cm2 * spectrum.area_scale)
    return name, replace(response, instrument=spectrum.instrument, detector=spectrum.detector)


def _matrix_of(spectrum: PhaSpectrum, responses: Sequence[Response]) -> Response:
    named = spectrum.response.number if spectrum.response else None
    if named is not None and 1 <= named <= len(responses):
        return responses[named - 1]
    if spectrum.n_rows == len(responses):
        return responses[spectrum.row - 1]
    if spectrum.start_s is None or spectrum.stop_s is None:
        return responses[0]
    middle_s = (spectrum.start_s + spectrum.stop_s) / 2
    distance = [max(r.start_s - middle_s, middle_s - r.stop_s, 0.0) for r in responses]
    return responses[int(np.argmin(distance))]


def _area(
    spectrum: PhaSpectrum, matrices: Matrices, response: Response, areas: Mapping[str, Area]
) -> Area | None:
    if spectrum.ancillary is not None and spectrum.ancillary.name in areas:
        return areas[spectrum.ancillary.name]
    if not matrices.redistribution_only:
        return None
    same = [a for a in areas.values() if a.detector == spectrum.detector]
    fitting = [a for a in same if len(a.area_cm2) == len(response.energy_low_kev)]
    return fitting[0] if len(fitting) == 1 else None


def _background(
    spectrum: PhaSpectrum, files: Mapping[str, tuple[PhaSpectrum, ...]]
) -> Background | None:
    fitting = {
        name: rows for name, rows in files.items() if len(rows[0].counts) == len(spectrum.counts)
    }
    name = _choose(
        spectrum,
        spectrum.background,
        {name: (rows[0].instrument, rows[0].detector) for name, rows in fitting.items()},
    )
    if name is None:
        return None
    rows = fitting[name]
    number = spectrum.background.number if spectrum.background else None
    if number is None or not 1 <= number <= len(rows):
        number = spectrum.row if len(rows) == spectrum.n_rows else 1
    return _scaled(spectrum, rows[number - 1])


def _scaled(source: PhaSpectrum, background: PhaSpectrum) -> Background:
    """Scale a background to the source's exposure, extraction and effective area.

    Its SYS_ERR is left aside, as XSPEC and 3ML do: theirs is the error that the published fits of
    such files carry.
    """
    factor = (
        (source.exposure_s / background.exposure_s)
        * (source.back_scale / background.back_scale)
        * (source.area_scale / background.area_scale)
    )
    error: Floats | None = None if background.error is None else background.error * factor
    scale = float(factor.mean()) if is_poisson(background) else 1.0
    return Background(background.counts * factor, error, scale)


def _choose(
    spectrum: PhaSpectrum,
    named: Reference | None,
    candidates: Mapping[str, tuple[Instrument, str]],
) -> str | None:
    """Choose the file that is named, else the one of the same detector, else the namesake."""
    if named is not None and named.name in candidates:
        return named.name
    same = [name for name, identity in candidates.items() if _same(spectrum, identity)]
    if len(same) > 1:
        stem = stem_of(spectrum.path_name)
        same = [name for name in same if stem_of(name) == stem] or same
    return same[0] if same else None


def _same(spectrum: PhaSpectrum, identity: tuple[Instrument, str]) -> bool:
    instrument, detector = identity
    unknown = Instrument.OTHER in {instrument, spectrum.instrument}
    return detector == spectrum.detector and (unknown or instrument == spectrum.instrument)
