"""A burst in progress: packets are added, and the burst is measured in the data so far."""

from collections.abc import Mapping

from msgspec.structs import replace

from eclgrmd.analysis.character.classification import classify
from eclgrmd.analysis.spectral.results import IntervalFits
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Response
from eclgrmd.model.quicklook.packet import AlertPacket, LightCurvePacket, Packet, TriggerPacket
from eclgrmd.model.result import Classification

from .layouts import InstrumentLayouts
from .reference_time import ReferenceTime
from .results import BurstSoFar, InstrumentSoFar, Progress
from .spectrum import coarse_spectrum

__all__ = ["GrowingBurst"]

_Spectrum = tuple[IntervalFits | None, tuple[Flag, ...]]

_SEED = 20170101
"""Seed of all replicas; fixed, so that the same packets give the same results."""
_CLASS_INSTRUMENTS = (Instrument.GRM, Instrument.GBM)
"""Instruments whose bands are close to 50-300 keV, in which the classes are defined."""
_LEAST_SIGMA = 8.0
"""Significance from which a spectrum is fitted: fainter bursts do not constrain a cutoff; a
choice."""


class GrowingBurst:
    """Collects the packets of one burst and measures it.

    The final measurement starts over, so that (except for rounding) it does not depend on the order
    in which the packets arrived.

    Parameters
    ----------
    responses
        Response of each detector, by name; None or empty for no spectral fit.
    """

    def __init__(self, responses: Mapping[str, Response] | None = None) -> None:
        self._responses = responses or {}
        self._layouts: dict[Instrument, InstrumentLayouts] = {}
        self._measured: dict[Instrument, InstrumentSoFar | None] = {}
        self._origin_met_s: float | None = None
        self._reference_time = ReferenceTime()
        self._measured_t0: float | None = None
        self._spectrum: _Spectrum = (None, ())
        self._spectrum_basis: object = None
        """Interval, t0, data and backgrounds for which the spectrum was fitted."""

    def add(self, packet: Packet) -> bool:
        """Add a packet, and return False if it does not change the measurement."""
        match packet:
            case LightCurvePacket():
                return self._add_light_curve(packet)
            case AlertPacket() | TriggerPacket():
                before = self.t0_met_s
                self._reference_time.add_trigger(packet)
                return self.t0_met_s != before
            case _:
                return False

    def use_t0(self, notices_met_s: float | None) -> None:
        """Set the reference time of the notices, or None to use that of the packets."""
        self._reference_time.notices_met_s = notices_met_s

    @property
    def t0_met_s(self) -> float | None:
        """Reference time, mission elapsed time in seconds; None without any light curve."""
        return self._reference_time.met_s

    def measure(self, *, final: bool = False) -> BurstSoFar | None:
        """Return the results so far, or None without any light curve.

        Only instruments with new data are measured again.

        Parameters
        ----------
        final
            True if no more data will come.
        """
        t0, origin = self.t0_met_s, self._origin_met_s
        if t0 is None or origin is None:
            return None
        if final or t0 != self._measured_t0:
            self._measured.clear()
            self._measured_t0 = t0
        for instrument, layouts in self._layouts.items():
            if instrument not in self._measured:
                chosen = layouts.chosen
                self._measured[instrument] = chosen.measure(t0 - origin, final=final, seed=_SEED)
        # In the order of the first packets: one that changed would have the spectrum fitted again.
        known = (self._measured[instrument] for instrument in self._layouts)
        found = tuple(each for each in known if each is not None)
        reference = _reference(found)
        spectrum, flags = self._fitted(found, reference, t0)
        stray, doubts = self._reference_time.unused(t0)
        return BurstSoFar(
            t0_met_s=t0,
            instruments=found,
            reference=None if reference is None else reference.instrument,
            classification=_class(found, reference),
            spectrum=spectrum,
            flags=(*doubts, *flags),
            left_out=(*stray, *(each for one in self._layouts.values() for each in one.left_out)),
        )

    def _add_light_curve(self, packet: LightCurvePacket) -> bool:
        if self._origin_met_s is None:
            self._origin_met_s = float(int(packet.start_s))
        layouts = self._layouts.setdefault(packet.instrument, InstrumentLayouts(self._origin_met_s))
        if not layouts.add(packet):
            return False
        self._reference_time.add_data(packet.start_s)
        self._measured.pop(packet.instrument, None)
        return True

    def _fitted(
        self, found: tuple[InstrumentSoFar, ...], reference: InstrumentSoFar | None, t0_met_s: float
    ) -> _Spectrum:
        """Return the spectral fit; it is repeated only if its interval or a background changed."""
        if reference is None or reference.measurement.t100_s is None:
            return None, ()
        t100_s = reference.measurement.t100_s
        if (reference.measurement.significance or 0.0) < _LEAST_SIGMA:
            return None, (Flag(FlagCode.FAINT_SPECTRUM, detail=f"{_LEAST_SIGMA:g}"),)
        inputs = (
            (each.instrument, each.restarts, min(each.until_s, t100_s[1]), each.bands_kev)
            for each in found
        )
        basis = (t100_s, t0_met_s, *inputs)
        if basis != self._spectrum_basis:
            self._spectrum_basis = basis
            others = (each for each in found if each is not reference)
            self._spectrum = coarse_spectrum([reference, *others], self._responses, t100_s)
        return self._spectrum


def _reference(found: tuple[InstrumentSoFar, ...]) -> InstrumentSoFar | None:
    seen = [each for each in found if each.measurement.t100_s is not None]
    return max(seen, key=lambda each: each.measurement.significance or 0.0, default=None)


def _class(
    found: tuple[InstrumentSoFar, ...], reference: InstrumentSoFar | None
) -> Classification | None:
    """Return the class by an instrument with a band close to 50-300 keV, or by the reference."""
    if reference is None:
        return None
    best = next(
        (
            each
            for each in found
            if each.instrument in _CLASS_INSTRUMENTS and each.measurement.t100_s is not None
        ),
        reference,
    )
    named = classify(best.measurement.t90.measurement, truncated=best.progress is Progress.RISING)
    if named is None or best.instrument in _CLASS_INSTRUMENTS:
        return named
    return replace(named, flags=(*named.flags, Flag(FlagCode.CLASS_OF_OTHER_BAND)))
