"""Selection of the fitted channels, and of the response of an interval."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.intervals import Interval
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Channels, Response, Spectrum

__all__ = ["default_range_kev", "holes_of", "used_channels", "weighted_response"]
Mask = NDArray[np.bool_]
_WHOLE_GBM = (8, 128)
"""Numbers of channels of GBM's CTIME and CSPEC, whose last channel is an overflow channel."""


def default_range_kev(instrument: Instrument, detector: str) -> Interval | None:
    """Return the energy range, keV, that is fitted by default, or None for all energies.

    It is the range in which the response of the detector is reliable.
    """
    match instrument:
        case Instrument.ECLAIRS:
            return (4.0, 120.0)
        case Instrument.GRM:
            return (15.0, 5000.0)
        case Instrument.GBM if detector.startswith("n"):
            return (8.0, 900.0)
        case Instrument.GBM if detector.startswith("b"):
            return (250.0, 40000.0)
        case Instrument.BAT:
            return (15.0, 150.0)
        case _:
            return None


def ready_made_range_kev(instrument: Instrument, detector: str) -> Interval | None:
    """Return the energy range, keV, of ready-made spectra, or None for all energies."""
    match instrument:
        case Instrument.ECLAIRS:
            return (4.0, 150.0)
        case Instrument.KONUS:
            return (20.0, 20_000.0)
        case Instrument.OTHER if detector.startswith("MXGS-HED"):
            return (510.0, 15_000.0)  # ASIM; its threshold affects energies up to 500 keV
        case _:
            return default_range_kev(instrument, detector)


def configured_range(spectrum: Spectrum, configured: Mapping[str, Interval]) -> Interval | None:
    """Return the configured energy range of the detector, else of its instrument, else None."""
    for key in (spectrum.detector, str(spectrum.instrument)):
        if key in configured:
            return configured[key]
    return None


def holes_of(
    spectrum: Spectrum, configured: Mapping[str, tuple[Interval, ...]]
) -> tuple[Interval, ...]:
    """Return the ignored energy ranges of the detector and of its instrument, keV."""
    keys = dict.fromkeys((spectrum.detector, str(spectrum.instrument)))
    return tuple(hole for key in keys for hole in configured.get(key, ()))


def used_channels(
    spectrum: Spectrum,
    configured: Mapping[str, Interval],
    holes_kev: Sequence[Interval] = (),
    *,
    ready_made: bool,
) -> Mask:
    """Return a mask of the channels that are fitted, shape (channels,).

    They have good quality, lie in the energy range and do not overlap with an ignored range. A
    configured range, and the default range of extracted spectra, include the channels fully inside.
    The default range of ready-made spectra includes all channels that overlap with it, as in XSPEC
    and 3ML, except the overflow channel.

    Parameters
    ----------
    spectrum
        The spectrum.
    configured
        Energy ranges, keV, by detector or instrument.
    holes_kev
        Ignored ranges.
    ready_made
        True if the spectrum was read from a file.
    """
    used = np.ones(len(spectrum.counts), dtype=bool)
    if spectrum.good is not None:
        used &= spectrum.good
    channels = _channels(spectrum)
    if channels is None:
        return used
    asked = configured_range(spectrum, configured)
    if asked is not None:
        used &= channels.inside(*asked)
    elif ready_made:
        used &= _in_ready_made_range(spectrum, channels)
    elif (band := default_range_kev(spectrum.instrument, spectrum.detector)) is not None:
        used &= channels.inside(*band)
    for low, high in holes_kev:
        used &= (channels.e_max_kev <= low) | (channels.e_min_kev >= high)
    return used


def _in_ready_made_range(spectrum: Spectrum, channels: Channels) -> Mask:
    used = np.ones(len(spectrum.counts), dtype=bool)
    band = ready_made_range_kev(spectrum.instrument, spectrum.detector)
    if band is not None:
        used = (channels.e_max_kev > band[0]) & (channels.e_min_kev < band[1])
    if spectrum.instrument is Instrument.GBM and len(used) in _WHOLE_GBM:
        used[-1] = False
    return used


def _channels(spectrum: Spectrum) -> Channels | None:
    if spectrum.channels is None and spectrum.response is not None:
        return spectrum.response.channels
    return spectrum.channels


def weighted_response(
    responses: Sequence[Response], pieces_s: Sequence[Interval], weights: Sequence[float]
) -> Response | None:
    """Return the average response of one detector over an interval.

    Parameters
    ----------
    responses
        Responses of the detector, with their times of validity.
    pieces_s
        Pieces of the interval, seconds after t0.
    weights
        Counts in each piece.

    Returns
    -------
    Response or None
        Average weighted by the counts while each response was valid; where none was, the nearest
        in time is used. None if there are no responses.
    """
    if len(responses) <= 1:
        return responses[0] if responses else None
    share = np.zeros(len(responses))
    for (start, stop), weight in zip(pieces_s, weights, strict=True):
        share[_valid_at(responses, 0.5 * (start + stop))] += weight
    if not share.sum() > 0.0:
        share[_valid_at(responses, 0.5 * (pieces_s[0][0] + pieces_s[-1][1]))] = 1.0
    main = responses[int(np.argmax(share))]
    alike = [
        (r, s)
        for r, s in zip(responses, share, strict=True)
        if s > 0.0 and r.matrix_cm2.shape == main.matrix_cm2.shape
    ]
    if len(alike) == 1:
        return main
    total = sum(s for _, s in alike)
    matrix = sum((r.matrix_cm2 * (s / total) for r, s in alike), np.zeros_like(main.matrix_cm2))
    return replace(
        main,
        matrix_cm2=matrix,
        start_s=min(r.start_s for r, _ in alike),
        stop_s=max(r.stop_s for r, _ in alike),
    )


def _valid_at(responses: Sequence[Response], time_s: float) -> int:
    """Return the index of the response valid at a time, or else nearest to it."""
    away = [max(r.start_s - time_s, time_s - r.stop_s, 0.0) for r in responses]
    nearest = min(away)
    candidates = [i for i, gap in enumerate(away) if gap <= nearest]
    return max(candidates, key=lambda i: responses[i].start_s)
