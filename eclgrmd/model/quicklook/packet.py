"""A packet of the alert network: what the satellite sends while a burst goes on.

Two forms of the same, both ours, in the spirit of the public fields of the alerts: JSON, and a
compact binary one (`packet_binary`). Times are seconds since 2017-01-01 UTC (`mission_time`).
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
_MOST_AWAY_S = 86_400.0
"""Times that a packet tells lie within a day of when it was made."""
_MOST_COUNTS = 65535
Count = Annotated[int, Meta(ge=0, le=_MOST_COUNTS)]
Number = Annotated[int, Meta(ge=0, le=65535)]
Time = Annotated[float, Meta(ge=0.0, lt=4e9, description="s since 2017-01-01 UTC")]
Detector = Annotated[str, Meta(pattern=rf"^[A-Za-z0-9_-]{{1,8}}{END}")]
Energy = Annotated[float, Meta(ge=0.0, lt=1e9, description="keV")]
Real = Annotated[float, Meta(gt=-1e18, lt=1e18)]
"""Finite: the binary form can carry what JSON cannot give back."""
Interval = tuple[Energy, Energy]
Vector = tuple[Real, Real, Real]
Quaternion = tuple[Real, Real, Real, Real]


class Pointing(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the satellite is and how it is turned."""

    position_km: Vector
    """In the frame of J2000."""
    attitude: Quaternion
    """From that frame to the satellite's, scalar last."""


class _Packet(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="type"):
    """What all packets have."""

    burst_id: Identifier
    obs_id: Annotated[str, Meta(max_length=40)] = ""
    number: Number
    """Counts the packets of this type and instrument from 0."""
    time_s: Time
    """When it was made on board."""
    version: Literal[1] = 1
    """Of this form."""


class AlertPacket(_Packet, frozen=True, tag="alert"):
    """ECLAIRs has seen something; each later alert of a sequence replaces the former ones."""

    trigger_time_s: Time
    """Alert_TimeTb: start of the window that triggered."""
    slew_request: bool
    ra_deg: Real | None = None
    dec_deg: Real | None = None
    error_deg: Real | None = None
    sky_counts: Real | None = None
    """SkyCnt: height of the peak in the sky image."""
    sky_variance: Real | None = None
    """SkyVar."""
    quality: Real | None = None
    criterion: Annotated[int, Meta(ge=0, le=65535)] = 0
    """TriggerCriterium."""
    detector_counts: Annotated[int, Meta(ge=0, lt=2**32)] = 0
    """DetCounts."""
    detector_background: Annotated[float, Meta(ge=0.0, lt=1e18)] = 0.0
    """DetBkg: counts that the background is taken to have added."""
    pointing: Pointing | None = None


class TriggerPacket(_Packet, frozen=True, tag="trigger"):
    """The GRM has seen something."""

    trigger_time_s: Time
    timescale_s: Annotated[float, Meta(gt=0.0, lt=1e18)]
    band_kev: Interval
    snr: Real
    detectors: tuple[Detector, ...]
    """Those that triggered."""


class LightCurvePacket(_Packet, frozen=True, tag="light_curve"):
    """A stretch of light curves of one instrument, by detector and band."""

    instrument: Instrument
    priority: Literal["high", "low"]
    """high: fine bins around the trigger; low: coarse ones over all the time."""
    start_s: Time
    """Start of the first bin."""
    bin_s: Annotated[float, Meta(ge=1e-4, le=1000.0)]
    """Width of each bin: no instrument has finer ones than 0.1 ms in its packets."""
    bands_kev: Annotated[tuple[Interval, ...], Meta(min_length=1, max_length=16)]
    """Rising, not overlapping."""
    detectors: Annotated[tuple[Detector, ...], Meta(min_length=1, max_length=32)]
    counts: tuple[tuple[tuple[Count, ...], ...], ...]
    """By detector, band and bin."""
    live: tuple[Annotated[float, Meta(gt=0.0, le=1.0)], ...] = ()
    """Live fraction of each bin, mean of the detectors; empty: all of it."""

    @property
    def bins(self) -> int:
        """Number of bins."""
        return len(self.counts[0][0])


class DescriptorPacket(_Packet, frozen=True, tag="descriptor"):
    """The end of a sequence: how many light-curve packets there were."""

    start_s: Time
    stop_s: Time
    """The sequence covers this time."""
    light_curves: dict[Instrument, Number]
    """Packets, by instrument."""


class AttitudePacket(_Packet, frozen=True, tag="attitude"):
    """Where the satellite is and how it is turned."""

    pointing: Pointing
    slewing: bool


Packet = AlertPacket | TriggerPacket | LightCurvePacket | DescriptorPacket | AttitudePacket
PACKETS = (AlertPacket, TriggerPacket, LightCurvePacket, DescriptorPacket, AttitudePacket)


def packet_from_json(payload: bytes) -> Packet:
    """Read a packet.

    Raises
    ------
    InputError
        With the path of the wrong value and what would be right.
    """
    packet: Packet = decode_json(payload, Packet, what="packet")
    check_packet(packet)
    return packet


def packet_to_json(packet: Packet) -> bytes:
    """Write a packet."""
    return msgspec.json.encode(packet)


def instrument_of(packet: Packet) -> str:
    """Name the instrument that a packet is of; empty for the satellite's own."""
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
    """Refuse values that fit their types but not each other.

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
    told: dict[str, float] = {}
    match packet:
        case LightCurvePacket():
            told = {"start_s": packet.start_s}
        case AlertPacket() | TriggerPacket():
            told = {"trigger_time_s": packet.trigger_time_s}
        case DescriptorPacket() | AttitudePacket():
            pass
    for name, time_s in told.items():
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
