"""Which channels are used, and which response belongs to an interval."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Channels, Response, Spectrum

__all__ = ["default_range_kev", "holes_of", "range_of", "used_channels", "weighted_response"]

Interval = tuple[float, float]
Mask = NDArray[np.bool_]


def default_range_kev(instrument: Instrument, detector: str) -> Interval | None:
    """Tell the energy range over which a detector's response is trusted; None: all of it."""
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


def range_of(
    spectrum: Spectrum, configured: Mapping[str, Interval], *, ready_made: bool
) -> Interval | None:
    """Choose the range: by detector, by instrument, else the default (ready-made: None, all)."""
    for key in (spectrum.detector, str(spectrum.instrument)):
        if key in configured:
            return configured[key]
    return None if ready_made else default_range_kev(spectrum.instrument, spectrum.detector)


def holes_of(
    spectrum: Spectrum, configured: Mapping[str, tuple[Interval, ...]]
) -> tuple[Interval, ...]:
    """Collect the ranges left out, those of the detector and those of the instrument."""
    keys = dict.fromkeys((spectrum.detector, str(spectrum.instrument)))
    return tuple(hole for key in keys for hole in configured.get(key, ()))


def used_channels(
    spectrum: Spectrum, band_kev: Interval | None, holes_kev: Sequence[Interval] = ()
) -> Mask:
    """Mark the channels of good quality fully inside the band that touch no hole, (channels,)."""
    used = np.ones(len(spectrum.counts), dtype=bool)
    if spectrum.good is not None:
        used &= spectrum.good
    channels = _channels(spectrum)
    if channels is None:
        return used
    if band_kev is not None:
        used &= channels.inside(*band_kev)
    for low, high in holes_kev:
        used &= (channels.e_max_kev <= low) | (channels.e_min_kev >= high)
    return used


def _channels(spectrum: Spectrum) -> Channels | None:
    if spectrum.channels is None and spectrum.response is not None:
        return spectrum.response.channels
    return spectrum.channels


def weighted_response(
    responses: Sequence[Response], pieces_s: Sequence[Interval], weights: Sequence[float]
) -> Response | None:
    """Average the responses of one detector over an interval.

    Parameters
    ----------
    responses
        Of one detector, with their times of validity.
    pieces_s
        The interval cut into pieces, seconds after t0.
    weights
        Counts in each piece.

    Returns
    -------
    Response or None
        Weighted by the counts while each was valid; where none was, the nearest in time.
    """
    if not responses:
        return None
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
    """Find the response valid at a time, else the nearest; of several the latest to begin."""
    away = [max(r.start_s - time_s, time_s - r.stop_s, 0.0) for r in responses]
    nearest = min(away)
    candidates = [i for i, gap in enumerate(away) if gap <= nearest]
    return max(candidates, key=lambda i: responses[i].start_s)
