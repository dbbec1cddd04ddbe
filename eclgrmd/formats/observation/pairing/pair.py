"""Pairing of each spectrum from a file with its background, response and effective area."""

from pathlib import Path

from eclgrmd.formats.read.pha import PhaSpectrum
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.observation import Channels, Spectrum

from .background import find_background
from .calibration import Calibration, Pairing
from .response import find_response

__all__ = ["pair"]


def pair(spectrum: PhaSpectrum, calibration: Calibration) -> tuple[Spectrum, Path | None]:
    """Return the spectrum with background and response for a fit, and the response file.

    A file that the spectrum names takes precedence, then one of the same detector whose channels
    fit. Row k of several is paired with row or matrix k, in the order of EXTVER, if there are
    equally many and their times agree; otherwise with the matrix nearest in time. Flags name
    everything that is missing or does not fit.
    """
    pairing = Pairing(spectrum, calibration)
    path, response = find_response(pairing)
    background = None if pairing.spectrum.net else find_background(pairing)
    spectrum = pairing.spectrum
    start_s, stop_s = spectrum.start_s, spectrum.stop_s
    if start_s is None or stop_s is None:
        start_s, stop_s = 0.0, spectrum.exposure_s
        pairing.flags.append(Flag(FlagCode.TIMES_UNKNOWN))
    channels = response.channels if response is not None else spectrum.channels
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
            channels,
            spectrum.error,
            spectrum.systematic,
            None if spectrum.good.all() else spectrum.good,
            spectrum.grouping,
            (*spectrum.flags, *_width_flags(channels), *pairing.flags),
            spectrum.mission,
            (spectrum.path_name,),
        ),
        path,
    )


def _width_flags(channels: Channels | None) -> list[Flag]:
    if channels is None:
        return []
    flat = int((channels.e_max_kev <= channels.e_min_kev).sum())
    return [Flag(FlagCode.FLAT_CHANNELS, detail=str(flat))] if flat else []
