"""Lists differences between an observation and the one of the plain file.

Permitted differences: two microseconds in times (stored as multiples of a microsecond, or as parts
of a day), the rounding of float32 in energies and counts, and values that a file does not contain.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from eclgrmd.model.flags import texts
from eclgrmd.model.observation import (
    Channels,
    EventList,
    History,
    LightCurve,
    Observation,
    Spectrum,
)

from .options import Options
from .spectra import CUT

__all__ = ["differences", "flags_of"]

T = TypeVar("T")
TIME_S = 2e-6
"""Tolerance of times, seconds: they are stored in multiples of a microsecond."""
FLOAT32 = 3e-7
"""Relative tolerance of values that are stored as float32."""


def differences(plain: Observation, found: Observation, options: Options) -> Iterator[str]:
    """Yield every difference, by name, with the values."""
    yield from _close("t0", plain.t0_met_s, found.t0_met_s, TIME_S)
    if options["MJDREF"] != "none" and plain.t0_utc[:22] != found.t0_utc[:22]:
        yield f"t0_utc: {found.t0_utc} instead of {plain.t0_utc}"
    yield from _each("events", plain.events, found.events, _events)
    yield from _each("histories", plain.histories, found.histories, _history)
    yield from _each("light curves", plain.light_curves, found.light_curves, _curve)

    def spectrum(one: Spectrum, other: Spectrum) -> Iterator[str]:
        kept = CUT if options["cut"] else slice(None)
        return _spectrum(one, other, kept, timed=options["times"] != "none")

    yield from _each("spectra", plain.spectra, found.spectra, spectrum)


def flags_of(observation: Observation) -> list[str]:
    """Return all flags of an observation and its parts."""
    parts: tuple[EventList | History | LightCurve | Spectrum, ...] = (
        *observation.events,
        *observation.histories,
        *observation.light_curves,
        *observation.spectra,
    )
    return [*texts(observation.flags), *(t for part in parts for t in texts(part.flags))]


def _each(
    what: str,
    plain: Sequence[T],
    found: Sequence[T],
    compare: Callable[[T, T], Iterator[str]],
) -> Iterator[str]:
    if len(plain) != len(found):
        yield f"{len(found)} {what} instead of {len(plain)}"
        return
    for number, (one, other) in enumerate(zip(plain, found, strict=True), start=1):
        for difference in compare(one, other):
            yield f"{what} {number}: {difference}"


def _events(plain: EventList, found: EventList) -> Iterator[str]:
    yield from _same("detector", plain.detector, found.detector)
    yield from _same("instrument", plain.instrument, found.instrument)
    yield from _close("times", plain.time_s, found.time_s, TIME_S)
    yield from _close("channels", plain.channel, found.channel, 0.0)
    yield from _close("good times", plain.gti_s, found.gti_s, TIME_S)
    yield from _channels(plain.channels, found.channels)


def _history(plain: History, found: History) -> Iterator[str]:
    yield from _same("detector", plain.detector, found.detector)
    yield from _close("starts", plain.start_s, found.start_s, TIME_S)
    yield from _close("stops", plain.stop_s, found.stop_s, TIME_S)
    yield from _close("counts", plain.counts, found.counts, 0.0, FLOAT32)
    yield from _close("exposure", plain.exposure_s, found.exposure_s, 0.0, FLOAT32)
    yield from _channels(plain.channels, found.channels)


def _curve(plain: LightCurve, found: LightCurve) -> Iterator[str]:
    yield from _same("detectors", plain.detectors, found.detectors)
    yield from _same("band", plain.band_kev, found.band_kev)
    yield from _close("starts", plain.start_s, found.start_s, TIME_S)
    yield from _close("stops", plain.stop_s, found.stop_s, TIME_S)
    yield from _close("counts", plain.counts, found.counts, 0.0, FLOAT32)
    yield from _close("exposure", plain.exposure_s, found.exposure_s, 1e-9, FLOAT32)
    if (plain.error is None) != (found.error is None):
        yield f"error: {found.error} instead of {plain.error}"
    elif plain.error is not None and found.error is not None:
        yield from _close("error", plain.error, found.error, 0.0, FLOAT32)


def _spectrum(plain: Spectrum, found: Spectrum, kept: slice, *, timed: bool) -> Iterator[str]:
    """Compare the good channels that were written: what a bad one holds makes no difference."""
    yield from _same("detector", plain.detector, found.detector)
    if timed:
        yield from _close("start", plain.start_s, found.start_s, TIME_S)
        yield from _close("stop", plain.stop_s, found.stop_s, TIME_S)
    yield from _close("exposure", plain.exposure_s, found.exposure_s, 0.0, FLOAT32)
    if plain.channels is None or found.channels is None:
        yield "no channels"
        return
    if len(found.channels.number) != len(found.counts):
        yield f"{len(found.channels.number)} channels for {len(found.counts)} counts"
        return
    one, other = _good(plain), _good(found)
    one &= np.isin(np.arange(len(one)), np.arange(len(one))[kept])
    yield from _close(
        "lower edges of good channels",
        plain.channels.e_min_kev[one],
        found.channels.e_min_kev[other],
        0.0,
        FLOAT32,
    )
    if one.sum() != other.sum():
        return
    yield from _close("counts", plain.counts[one], found.counts[other], 0.0, FLOAT32)
    if plain.error is not None or found.error is not None:
        one_error = np.zeros(0) if plain.error is None else plain.error[one]
        other_error = np.zeros(0) if found.error is None else found.error[other]
        yield from _close("error", one_error, other_error, 0.0, FLOAT32)
    if found.background is None or plain.background is None:
        yield "no background"
        return
    yield from _close(
        "background", plain.background.counts[one], found.background.counts[other], 0.0, FLOAT32
    )
    yield from _close("background scale", plain.background.scale, found.background.scale, 1e-9)
    if found.response is None or plain.response is None:
        yield "no response"
        return
    if found.response.matrix_cm2.shape[1] != len(other):
        yield f"matrix of {found.response.matrix_cm2.shape[1]} for {len(other)} channels"
        return
    yield from _close(
        "photon energies",
        plain.response.energy_low_kev,
        found.response.energy_low_kev,
        0.0,
        FLOAT32,
    )
    yield from _close(
        "matrix",
        plain.response.matrix_cm2[:, one],
        found.response.matrix_cm2[:, other],
        0.0,
        FLOAT32,
    )


def _good(spectrum: Spectrum) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    good = np.ones(len(spectrum.counts), dtype=np.bool_)
    return good if spectrum.good is None else spectrum.good.copy()


def _channels(plain: Channels | None, found: Channels | None) -> Iterator[str]:
    if plain is None or found is None:
        yield f"channels: {found} instead of {plain}"
        return
    yield from _close("lower edges", plain.e_min_kev, found.e_min_kev, 0.0, FLOAT32)
    yield from _close("upper edges", plain.e_max_kev, found.e_max_kev, 0.0, FLOAT32)


def _same(what: str, plain: object, found: object) -> Iterator[str]:
    if plain != found:
        yield f"{what}: {found} instead of {plain}"


def _close(
    what: str, plain: ArrayLike, found: ArrayLike, absolute: float, relative: float = 0.0
) -> Iterator[str]:
    one, other = np.asarray(plain, dtype=float), np.asarray(found, dtype=float)
    if one.shape != other.shape:
        yield f"{what}: shape {other.shape} instead of {one.shape}"
        return
    off = ~np.isclose(other, one, rtol=relative, atol=absolute)
    if off.any():
        index = tuple(int(index[0]) for index in np.nonzero(off))
        yield f"{what}: {other[index]} instead of {one[index]} ({off.sum()} differ)"
