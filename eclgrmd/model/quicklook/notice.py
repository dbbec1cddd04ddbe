"""A notice of the alert network, and what all notices of one burst say together."""

from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from eclgrmd.model.mission_time import met_of_utc

__all__ = [
    "BurstNotices",
    "Citation",
    "Detection",
    "Notice",
    "NoticeKind",
    "Position",
    "is_notice",
    "judge",
    "says_the_same",
    "superfluous",
]

_MOST_FLAGS = 100
_MOST_INSTRUMENTS = 10
"""Whose first notice is kept: the mission has four."""
_BEFORE_XML = b" \t\r\n\f\v\0\xef\xbb\xbf\xff\xfe"
"""Blanks and byte-order marks."""


class NoticeKind(IntEnum):
    """Packet_Type of the public SVOM notices."""

    UNKNOWN = 0
    """Ours: a notice does not tell its kind, or one that is not known."""
    GRM_TRIGGER = 201
    ECLAIRS_WAKEUP = 202
    ECLAIRS_CATALOG = 203
    SLEWING = 204
    NOT_SLEWING = 205
    MXT_INITIAL = 209
    MXT_UPDATE = 210
    VT = 211
    RETRACTION = 219


class Position(Struct, frozen=True):
    """Where on the sky."""

    ra_deg: float
    dec_deg: float
    error_deg: float | None
    """Radius; null: not known (the notice says -1)."""


class Detection(Struct, frozen=True):
    """What triggered; null where a notice does not tell."""

    snr: float | None = None
    timescale_s: float | None = None
    start_utc: str | None = None
    """Start of the window, ISO-8601 UTC."""
    stop_utc: str | None = None
    band_kev: tuple[float, float] | None = None
    trigger_type: str | None = None
    """CRT (count rate) or IMT (image)."""
    detectors: tuple[str, ...] = ()
    """GRM detectors that triggered."""


class Citation(Struct, frozen=True):
    """Another notice that this one refers to."""

    ivorn: str
    cite: str
    """followup, supersedes or retraction."""


class Notice(Struct, frozen=True, kw_only=True):
    """One VOEvent of the mission."""

    ivorn: str
    kind: NoticeKind
    role: str
    """observation, prediction, utility or test."""
    burst_id: str
    date_utc: str
    """When it was written, ISO-8601 UTC, whole seconds."""
    instrument: str
    """As it names it: ECLAIRs, GRM, MXT, VT."""
    serial: int = 1
    """Pkt_Ser_Num."""
    level: str = ""
    time_utc: str | None = None
    """Of WhereWhen."""
    sequence_t0_utc: str | None = None
    """Alert_Seq_T0, which about a third of the notices leave out."""
    detection: Detection = Detection()
    position: Position | None = None
    slew: str | None = None
    """Slew_Status: requested, accepted, rejected, not-requested."""
    attitude_deg: tuple[float, float, float] | None = None
    """Right ascension, declination and roll of the pointing."""
    satellite: tuple[float, float, float] | None = None
    """Longitude and latitude in degrees, altitude in km."""
    citations: tuple[Citation, ...] = ()
    source_name: str | None = None
    """Of a catalogued source."""
    flags: tuple[str, ...] = ()
    """Values that were not used, and what else is doubtful."""


class BurstNotices(Struct, frozen=True, kw_only=True):
    """What the notices of one burst say, in whatever order they came."""

    state: Literal["active", "withdrawn"] = "active"
    reason: str = ""
    """Which notice withdrew the burst."""
    t0_utc: str | None = None
    t0_met_s: float | None = None
    position: Position | None = None
    """The newest with a known error; else the newest."""
    position_from: str = ""
    """IVORN of the notice that gave it."""
    instruments: tuple[str, ...] = ()
    slew: str | None = None
    source_name: str | None = None
    ivorns: tuple[str, ...] = ()
    """Of the notices that stand, oldest first."""
    flags: tuple[str, ...] = ()
    """What is doubtful in the notices, at most 100."""


def is_notice(payload: bytes) -> bool:
    """Return whether a message of the alert network is XML, in any encoding, and so a notice."""
    return payload.lstrip(_BEFORE_XML)[:1] == b"<"


def judge(notices: Iterable[Notice]) -> BurstNotices:
    """Put the notices of one burst together; the order in which they came does not matter.

    A retraction withdraws the burst unless a notice of another kind was written later: one of the
    same second was written before it, because a retraction only follows what it retracts. T0 is
    the earliest Alert_Seq_T0; where none is told, the start of the earliest trigger window, then
    the earliest time of WhereWhen.
    """
    told = sorted(dict.fromkeys(notices), key=_order)
    retractions = [n for n in told if n.kind is NoticeKind.RETRACTION]
    others = [n for n in told if n.kind is not NoticeKind.RETRACTION]
    withdrawn = bool(retractions) and _order(retractions[-1]) >= max(
        (_order(n) for n in others), default=("", 0, "")
    )
    t0 = _reference_time([*others, *retractions])
    placed = [n for n in others if n.position is not None]
    best = [n for n in placed if n.position and n.position.error_deg is not None] or placed
    return BurstNotices(
        state="withdrawn" if withdrawn else "active",
        reason=f"retracted by {retractions[-1].ivorn}" if withdrawn else "",
        t0_utc=t0,
        t0_met_s=None if t0 is None else met_of_utc(t0),
        position=best[-1].position if best else None,
        position_from=best[-1].ivorn if best else "",
        instruments=tuple(dict.fromkeys(n.instrument for n in others)),
        slew=next((n.slew for n in reversed(others) if n.slew), None),
        source_name=next((n.source_name for n in reversed(others) if n.source_name), None),
        ivorns=tuple(dict.fromkeys(n.ivorn for n in others)),
        flags=tuple(dict.fromkeys(flag for n in told for flag in n.flags))[:_MOST_FLAGS],
    )


def says_the_same(one: BurstNotices, other: BurstNotices) -> bool:
    """Return whether the notices of a burst say what they said, whichever of them say so."""
    return _plain(one) == _plain(other)


def superfluous(notices: Sequence[Notice], most: int) -> list[int]:
    """Return the indices of those to forget, so that `most` are left.

    The oldest go first; none goes that decides what `judge` says of state, T0, position, slew and
    source, nor the first of an instrument.
    """
    order = sorted(range(len(notices)), key=lambda index: _order(notices[index]))
    deciding = _deciding([notices[index] for index in order])
    able = [index for index in order if notices[index] not in deciding]
    return able[: max(len(notices) - most, 0)]


def _plain(told: BurstNotices) -> BurstNotices:
    return replace(told, reason="", position_from="", ivorns=(), flags=())


def _deciding(told: Sequence[Notice]) -> set[Notice]:
    """Return those of the notices, oldest first, that decide what all of them say."""
    retractions = [n for n in told if n.kind is NoticeKind.RETRACTION]
    others = [n for n in told if n.kind is not NoticeKind.RETRACTION]
    first = {n.instrument: n for n in reversed(others)}
    newest: list[Callable[[Notice], object]] = [
        lambda n: True,
        lambda n: n.position,
        lambda n: n.position and n.position.error_deg is not None,
        lambda n: n.slew,
        lambda n: n.source_name,
    ]
    times: list[Callable[[Notice], str | None]] = [
        lambda n: n.sequence_t0_utc,
        lambda n: n.detection.start_utc,
        lambda n: n.time_utc,
    ]
    return {
        *retractions[-1:],
        *list(first.values())[-_MOST_INSTRUMENTS:],
        *(n for tells in newest for n in [x for x in others if tells(x)][-1:]),
        *(n for time in times for n in sorted(filter(time, told), key=lambda n: time(n) or "")[:1]),
    }


def _order(notice: Notice) -> tuple[str, int, str]:
    return notice.date_utc, int(notice.kind is NoticeKind.RETRACTION), notice.ivorn


def _reference_time(notices: list[Notice]) -> str | None:
    """Dates of one form, so that the earliest is the lowest text."""
    sources = (
        [n.sequence_t0_utc for n in notices],
        [n.detection.start_utc for n in notices],
        [n.time_utc for n in notices],
    )
    for source in sources:
        known = [each for each in source if each]
        if known:
            return min(known)
    return None
