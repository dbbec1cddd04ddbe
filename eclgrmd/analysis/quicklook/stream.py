"""The burst of a packet stream: packets are added, and the burst is measured in the data so far."""

from collections.abc import Mapping

from msgspec.structs import replace

from eclgrmd.analysis.character.classification import classify
from eclgrmd.analysis.spectral.results import IntervalFits
from eclgrmd.model.flags import CLASS_OF_OTHER_BAND
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Response
from eclgrmd.model.quicklook.aside import PacketAside, SetAsideCause, aside
from eclgrmd.model.quicklook.packet import AlertPacket, LightCurvePacket, Packet, TriggerPacket
from eclgrmd.model.result import Classification

from .majority import FAR_S, choose_trigger, main_group
from .results import BurstSoFar, InstrumentSoFar, Progress
from .shapes import InstrumentShapes
from .spectrum import coarse_spectrum

__all__ = ["BurstStream"]

_Spectrum = tuple[IntervalFits | None, tuple[str, ...]]

_SEED = 20170101
"""Seed of all replicas; fixed, so that the same packets give the same results."""
_CLASS_INSTRUMENTS = (Instrument.GRM, Instrument.GBM)
"""Instruments whose bands are close to 50-300 keV, in which the classes are defined."""
_LEAST_SIGMA = 8.0
"""Significance from which a spectrum is fitted: fainter bursts do not constrain a cutoff; a
choice."""


class BurstStream:
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
        self._streams: dict[Instrument, InstrumentShapes] = {}
        self._known: dict[Instrument, InstrumentSoFar | None] = {}
        self._origin_met_s: float | None = None
        self._triggers: list[AlertPacket | TriggerPacket] = []
        self._starts: list[float] = []
        """Start of each light-curve packet in order of arrival, mission elapsed time in seconds."""
        self._announced_t0_met_s: float | None = None
        self._measured_t0: float | None = None
        self._spectrum: _Spectrum = (None, ())
        self._fitted_for: object = None

    def add(self, packet: Packet) -> bool:
        """Add a packet, and return False if it does not change the measurement."""
        match packet:
            case LightCurvePacket():
                return self._add_light_curve(packet)
            case AlertPacket() | TriggerPacket():
                before = self.t0_met_s
                self._triggers.append(packet)
                return self.t0_met_s != before
            case _:
                return False

    def tell_t0(self, t0_met_s: float | None) -> None:
        """Set the reference time of the notices, or None to use that of the packets."""
        self._announced_t0_met_s = t0_met_s

    @property
    def t0_met_s(self) -> float | None:
        """Reference time, mission elapsed time in seconds; None without any light curve.

        It is that of the notices, else that of the triggers that most packets agree on, else the
        start of the data. Times more than an hour from the data are ignored.
        """
        data = self._data_s()
        if data is None:
            return None
        announced = self._announced_t0_met_s
        if announced is not None and data[0] - FAR_S <= announced <= data[1] + FAR_S:
            return announced
        trigger = choose_trigger([each.trigger_time_s for each in self._triggers], data)
        if trigger is not None:
            return trigger
        return float(int(next(each for each in self._starts if data[0] <= each <= data[1])))

    def _data_s(self) -> tuple[float, float] | None:
        """Return the first and last start of light-curve packets, without those far from most."""
        if not self._starts:
            return None
        ordered = sorted(self._starts)
        near = ordered[main_group(ordered, FAR_S)]
        return near[0], near[-1]

    def _stray(self, t0_met_s: float) -> tuple[tuple[PacketAside, ...], tuple[str, ...]]:
        """Return triggers that contradict t0, and a flag if the time of the notices is not used."""
        announced = self._announced_t0_met_s
        if announced == t0_met_s:
            return (), ()
        flags = list[str]()
        if announced is not None:
            away = _distance(announced, t0_met_s)
            flags.append(f"t0 of the notices not taken: {away} that of the packets")
        return tuple(
            aside(
                each,
                SetAsideCause.STRAY_TIME,
                f"its trigger time lies {_distance(each.trigger_time_s, t0_met_s)} t0",
            )
            for each in self._triggers
            if not t0_met_s <= each.trigger_time_s <= t0_met_s + FAR_S
        ), tuple(flags)

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
            self._known.clear()
            self._measured_t0 = t0
        for instrument, shapes in self._streams.items():
            if instrument not in self._known:
                chosen = shapes.chosen
                self._known[instrument] = chosen.measure(t0 - origin, final=final, seed=_SEED)
        found = tuple(known for known in self._known.values() if known is not None)
        reference = _reference(found)
        spectrum, flags = self._fitted(found, reference, t0 - origin)
        stray, doubts = self._stray(t0)
        streams = self._streams.values()
        return BurstSoFar(
            t0_met_s=t0,
            instruments=found,
            reference=None if reference is None else reference.instrument,
            classification=_class(found, reference),
            spectrum=spectrum,
            flags=(*doubts, *flags),
            left_out=(*stray, *(each for shapes in streams for each in shapes.left_out)),
        )

    def _add_light_curve(self, packet: LightCurvePacket) -> bool:
        if self._origin_met_s is None:
            self._origin_met_s = float(int(packet.start_s))
        shapes = self._streams.setdefault(packet.instrument, InstrumentShapes(self._origin_met_s))
        if not shapes.add(packet):
            return False
        self._starts.append(packet.start_s)
        self._known.pop(packet.instrument, None)
        return True

    def _fitted(
        self,
        found: tuple[InstrumentSoFar, ...],
        reference: InstrumentSoFar | None,
        offset_s: float,
    ) -> _Spectrum:
        """Return the spectral fit; it is repeated only if its interval or a background changed."""
        measured = None if reference is None else reference.measurement
        if measured is None or measured.t100_s is None:
            return None, ()
        if (measured.significance or 0.0) < _LEAST_SIGMA:
            return None, (f"no spectrum: fainter than {_LEAST_SIGMA:g} sigma",)
        stop = measured.t100_s[1]
        inputs = (
            (e.instrument, e.restarts, min(e.until_s, stop), *(c.band_kev for c in e.band_curves))
            for e in found
        )
        basis = (measured.t100_s, offset_s, *inputs)
        if basis == self._fitted_for:
            return self._spectrum
        backgrounds = {
            str(each.instrument): (fit.intervals_s, fit.order)
            for each in found
            if (fit := each.measurement.background_fit) is not None
        }
        self._fitted_for = basis
        self._spectrum = coarse_spectrum(
            [each.chosen for each in self._streams.values()],
            self._responses,
            backgrounds,
            measured.t100_s,
            offset_s,
        )
        return self._spectrum


def _distance(time_s: float, t0_met_s: float) -> str:
    return f"{abs(time_s - t0_met_s):.0f} s {'before' if time_s < t0_met_s else 'after'}"


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
    return replace(named, flags=(*named.flags, CLASS_OF_OTHER_BAND))
