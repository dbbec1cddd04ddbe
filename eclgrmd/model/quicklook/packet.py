"""Packets that the satellite sends by VHF while a burst is in progress.

They have two equivalent forms, JSON and a compact binary one (`binary`). Both are ours; their
fields are those that the mission has published of its alerts. Times are seconds since 2017-01-01
UTC (`mission_time`).
"""

from itertools import pairwise
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from eclgrmd.errors import InputError
from eclgrmd.model.decode import decode_json
from eclgrmd.model.names import END, Identifier, Instrument

__all__ = [
    "MOST_BINS",
    "PACKETS",
    "AlertPacket",
    "AttitudePacket",
    "DescriptorPacket",
    "LightCurvePacket",
    "Packet",
    "Pointing",
    "TriggerPacket",
    "check_packet",
    "instrument_of",
    "packet_from_json",
    "packet_to_json",
]

MOST_BINS = 1024
"""Bins of a packet; real ones have 64."""
_MOST_AWAY_S = 86_400.0
"""Largest difference between the times of a packet and when it was made, seconds: a day."""
_MOST_COUNTS = 65535
"""Counts of a bin: they are sent in 16 bits."""
Count = Annotated[int, Meta(ge=0, le=_MOST_COUNTS)]
Number = Annotated[int, Meta(ge=0, le=65535)]
Time = Annotated[float, Meta(ge=0.0, lt=4e9, description="s since 2017-01-01 UTC")]
Detector = Annotated[str, Meta(pattern=rf"^[A-Za-z0-9_-]{{1,8}}{END}")]
Energy = Annotated[float, Meta(ge=0.0, lt=1e9, description="keV")]
Real = Annotated[float, Meta(gt=-1e18, lt=1e18)]
"""A finite number: the binary form could carry others, which JSON cannot."""
Interval = tuple[Energy, Energy]
Vector = tuple[Real, Real, Real]
Quaternion = tuple[Real, Real, Real, Real]


class Pointing(Struct, frozen=True, forbid_unknown_fields=True):
    """Position and attitude of the satellite."""

    position_km: Vector
    """Position in the frame of J2000, km."""
    attitude: Quaternion
    """Quaternion from that frame to the satellite's, scalar last."""


class _Packet(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="type"):
    """Fields of all packets."""

    burst_id: Identifier
    """Burst that the packet belongs to."""
    obs_id: Annotated[str, Meta(max_length=40)] = ""
    """Observation; empty: not known on board."""
    number: Number
    """Number of the packet among those of its type and instrument, from 0."""
    time_s: Time
    """When it was made on board."""
    version: Literal[1] = 1
    """Version of this form."""


class AlertPacket(_Packet, frozen=True, tag="alert"):
    """ECLAIRs triggered; each later alert of a sequence replaces the earlier ones."""

    trigger_time_s: Time
    """Alert_TimeTb: start of the window that triggered."""
    slew_request: bool
    """Whether the satellite is asked to point at the source."""
    ra_deg: Real | None = None
    """Right ascension, degrees (J2000); null: not located."""
    dec_deg: Real | None = None
    """Declination, degrees (J2000); null: not located."""
    error_deg: Real | None = None
    """Radius of the position error, degrees; null: not known."""
    sky_counts: Real | None = None
    """SkyCnt: height of the peak in the sky image, counts; null: no image."""
    sky_variance: Real | None = None
    """SkyVar: variance of the sky image there, counts squared; null: no image."""
    quality: Real | None = None
    """Quality as the trigger rates it; null: not rated."""
    criterion: Annotated[int, Meta(ge=0, le=65535)] = 0
    """TriggerCriterium: number of the criterion that was met."""
    detector_counts: Annotated[int, Meta(ge=0, lt=2**32)] = 0
    """DetCounts: counts of the detector in the window that triggered."""
    detector_background: Annotated[float, Meta(ge=0.0, lt=1e18)] = 0.0
    """DetBkg: expected background counts among them."""
    pointing: Pointing | None = None
    """Position and attitude of the satellite; null: not sent."""


class TriggerPacket(_Packet, frozen=True, tag="trigger"):
    """The GRM triggered."""

    trigger_time_s: Time
    """Start of the window that triggered."""
    timescale_s: Annotated[float, Meta(gt=0.0, lt=1e18)]
    """Length of that window, seconds."""
    band_kev: Interval
    """Energy band that triggered, keV."""
    snr: Real
    """Signal-to-noise ratio in that window and band."""
    detectors: tuple[Detector, ...]
    """Detectors that triggered."""


class LightCurvePacket(_Packet, frozen=True, tag="light_curve"):
    """Counts of one instrument over some time, by detector and band."""

    instrument: Instrument
    """Instrument whose counts these are."""
    priority: Literal["high", "low"]
    """high: fine bins around the trigger; low: coarse ones over all the time."""
    start_s: Time
    """Start of the first bin."""
    bin_s: Annotated[float, Meta(ge=1e-4, le=1000.0)]
    """Width of each bin, seconds; no instrument sends finer ones than 0.1 ms."""
    bands_kev: Annotated[tuple[Interval, ...], Meta(min_length=1, max_length=16)]
    """Energy bands, keV, rising, not overlapping."""
    detectors: Annotated[tuple[Detector, ...], Meta(min_length=1, max_length=32)]
    """Names of the detectors, unique within the instrument."""
    counts: tuple[tuple[tuple[Count, ...], ...], ...]
    """Counts of each bin, by detector and band: counts[detector][band][bin]."""
    live: tuple[Annotated[float, Meta(gt=0.0, le=1.0)], ...] = ()
    """Live fraction of each bin, averaged over the detectors; empty: 1."""

    @property
    def bins(self) -> int:
        """Number of bins."""
        return len(self.counts[0][0])


class DescriptorPacket(_Packet, frozen=True, tag="descriptor"):
    """End of a sequence, with the number of light-curve packets that were sent."""

    start_s: Time
    """Start of the time that the sequence covers."""
    stop_s: Time
    """Stop of the time that the sequence covers."""
    light_curves: dict[Instrument, Number]
    """Number of light-curve packets of each instrument."""


class AttitudePacket(_Packet, frozen=True, tag="attitude"):
    """Position and attitude of the satellite while a burst is in progress."""

    pointing: Pointing
    """Position and attitude of the satellite."""
    slewing: bool
    """Whether it is turning."""


Packet = AlertPacket | TriggerPacket | LightCurvePacket | DescriptorPacket | AttitudePacket
PACKETS = (AlertPacket, TriggerPacket, LightCurvePacket, DescriptorPacket, AttitudePacket)


def packet_from_json(payload: bytes) -> Packet:
    """Return the packet in a JSON message.

    Raises
    ------
    InputError
        With the path of the wrong value and what would be right.
    """
    packet: Packet = decode_json(payload, Packet, what="packet")
    check_packet(packet)
    return packet


def packet_to_json(packet: Packet) -> bytes:
    """Return the JSON form of a packet."""
    return msgspec.json.encode(packet)


def instrument_of(packet: Packet) -> str:
    """Return the instrument of a packet; empty for packets of the satellite itself."""
    match packet:
        case AlertPacket():
            return Instrument.ECLAIRS
        case TriggerPacket():
            return Instrument.GRM
        case LightCurvePacket():
            return packet.instrument
        case DescriptorPacket() | AttitudePacket():
            return ""


def check_packet(packet: Packet) -> None:
    """Check that the values of a packet are consistent with each other.

    Raises
    ------
    InputError
        With the wrong value and what would be right.
    """
    _check_times(packet)
    match packet:
        case LightCurvePacket():
            _check_light_curve(packet)
        case TriggerPacket() if not packet.band_kev[0] < packet.band_kev[1]:
            raise InputError("packet: band_kev must be rising")
        case DescriptorPacket() if not packet.start_s < packet.stop_s:
            raise InputError("packet: stop_s must be later than start_s")
        case _:
            pass


def _check_times(packet: Packet) -> None:
    times: dict[str, float] = {}
    match packet:
        case LightCurvePacket():
            times = {"start_s": packet.start_s}
        case AlertPacket() | TriggerPacket():
            times = {"trigger_time_s": packet.trigger_time_s}
        case DescriptorPacket() | AttitudePacket():
            pass
    for name, time_s in times.items():
        if abs(time_s - packet.time_s) > _MOST_AWAY_S:
            raise InputError(
                f"packet: {name} = {time_s:g} must lie within a day of time_s = {packet.time_s:g}"
            )


def _check_light_curve(packet: LightCurvePacket) -> None:
    edges = [edge for band in packet.bands_kev for edge in band]
    inside = all(low < high for low, high in packet.bands_kev)
    if not inside or any(a > b + 1e-6 for a, b in pairwise(edges)):
        raise InputError("packet: bands_kev must be rising and not overlap")
    shape = (len(packet.detectors), len(packet.bands_kev))
    if len(packet.counts) != shape[0] or any(len(row) != shape[1] for row in packet.counts):
        raise InputError(f"packet: counts must be of {shape[0]} detectors and {shape[1]} bands")
    lengths = {len(series) for row in packet.counts for series in row}
    if len(lengths) != 1 or not 1 <= lengths.copy().pop() <= MOST_BINS:
        raise InputError(f"packet: every series of counts must have the same 1 to {MOST_BINS} bins")
    if packet.live and len(packet.live) != packet.bins:
        raise InputError(f"packet: live has {len(packet.live)} bins, counts have {packet.bins}")
