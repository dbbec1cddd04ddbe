"""The mission's notices (VOEvents), and the summary of all notices of one burst."""

from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from eclgrmd.model.flags import FlagText
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
"""Flags of a summary: what anybody can send must not grow without limit."""
_MOST_INSTRUMENTS = 10
"""Instruments whose first notice is always kept; the mission has four."""
_BEFORE_XML = b" \t\r\n\f\v\0\xef\xbb\xbf\xff\xfe"
"""Bytes that may come before XML: blanks and byte-order marks."""


class NoticeKind(IntEnum):
    """Packet_Type of the public SVOM notices."""

    UNKNOWN = 0
    """Ours: the notice has no kind, or an unknown one."""
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
    """A position on the sky."""

    ra_deg: float
    """Right ascension, degrees (J2000)."""
    dec_deg: float
    """Declination, degrees (J2000)."""
    error_deg: float | None
    """Radius of the error, degrees; null: not known (the notice says -1)."""


class Detection(Struct, frozen=True):
    """The trigger; null where the notice has no value."""

    snr: float | None = None
    """Signal-to-noise ratio."""
    timescale_s: float | None = None
    """Length of the window that triggered, seconds."""
    start_utc: str | None = None
    """Start of that window, ISO-8601 UTC."""
    stop_utc: str | None = None
    """Stop of that window, ISO-8601 UTC."""
    band_kev: tuple[float, float] | None = None
    """Energy band that triggered, keV."""
    trigger_type: str | None = None
    """CRT (count rate) or IMT (image)."""
    detectors: tuple[str, ...] = ()
    """GRM detectors that triggered."""


class Citation(Struct, frozen=True):
    """A reference from one notice to another."""

    ivorn: str
    """IVORN of that notice."""
    cite: str
    """followup, supersedes or retraction."""


class Notice(Struct, frozen=True, kw_only=True):
    """A VOEvent of the mission."""

    ivorn: str
    """Identifier, unique among all notices."""
    kind: NoticeKind
    """Kind, as Packet_Type has it."""
    role: str
    """observation, prediction, utility or test."""
    burst_id: str
    """Burst that it is about."""
    date_utc: str
    """When it was written, ISO-8601 UTC, whole seconds."""
    instrument: str
    """Instrument as the notice names it: ECLAIRs, GRM, MXT, VT."""
    serial: int = 1
    """Pkt_Ser_Num: number of the notice within its kind."""
    level: str = ""
    """Product level as the notice names it; empty: none."""
    time_utc: str | None = None
    """Time in WhereWhen, ISO-8601 UTC; null: none."""
    sequence_t0_utc: str | None = None
    """Alert_Seq_T0, ISO-8601 UTC, which about a third of the notices leave out; null: left out."""
    detection: Detection = Detection()
    """What triggered."""
    position: Position | None = None
    """Position of the source; null: none."""
    slew: str | None = None
    """Slew_Status: requested, accepted, rejected, not-requested; null: none."""
    attitude_deg: tuple[float, float, float] | None = None
    """Right ascension, declination and roll of the pointing, degrees; null: none."""
    satellite: tuple[float, float, float] | None = None
    """Longitude and latitude in degrees, altitude in km; null: none."""
    citations: tuple[Citation, ...] = ()
    """Other notices that it refers to."""
    source_name: str | None = None
    """Name of a catalogued source; null: none."""
    flags: tuple[FlagText, ...] = ()
    """Values that were not used, with reasons, and other doubts."""


class BurstNotices(Struct, frozen=True, kw_only=True):
    """Summary of the notices of one burst; it does not depend on the order of arrival."""

    state: Literal["active", "withdrawn"] = "active"
    """withdrawn: a retraction is the latest word."""
    reason: str = ""
    """Which notice withdrew the burst; empty: none did."""
    t0_utc: str | None = None
    """Reference time, ISO-8601 UTC; null: no notice has a time."""
    t0_met_s: float | None = None
    """The same in seconds of the mission."""
    position: Position | None = None
    """Newest position with a known error, else the newest; null: none."""
    position_from: str = ""
    """IVORN of the notice with that position; empty: none."""
    instruments: tuple[str, ...] = ()
    """Instruments of the notices, in order of time."""
    slew: str | None = None
    """Newest slew status; null: none."""
    source_name: str | None = None
    """Newest name of a catalogued source; null: none."""
    ivorns: tuple[str, ...] = ()
    """IVORNs of the notices other than retractions, oldest first."""
    flags: tuple[FlagText, ...] = ()
    """Doubts about the notices, at most 100."""


def is_notice(payload: bytes) -> bool:
    """Return whether a message is XML, in any encoding, and so a notice; others are packets."""
    return payload.lstrip(_BEFORE_XML)[:1] == b"<"


def judge(notices: Iterable[Notice]) -> BurstNotices:
    """Return the summary of the notices of one burst; the order of arrival does not matter.

    A retraction withdraws the burst unless a notice of another kind was written later. One of the
    same second counts as earlier, because a retraction only follows what it retracts. T0 is the
    earliest Alert_Seq_T0; without any, the start of the earliest trigger window; without that,
    the earliest time of WhereWhen.
    """
    ordered = sorted(dict.fromkeys(notices), key=_order)
    retractions = [n for n in ordered if n.kind is NoticeKind.RETRACTION]
    others = [n for n in ordered if n.kind is not NoticeKind.RETRACTION]
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
        flags=tuple(dict.fromkeys(flag for n in ordered for flag in n.flags))[:_MOST_FLAGS],
    )


def says_the_same(one: BurstNotices, other: BurstNotices) -> bool:
    """Return whether two summaries agree, apart from which notices they come from."""
    return _plain(one) == _plain(other)


def superfluous(notices: Sequence[Notice], most: int) -> list[int]:
    """Return the indices of notices to forget, oldest first, so that `most` are left.

    Kept are the first notice of each instrument, and those that state, T0, position, slew and
    source of the summary (`judge`) depend on.
    """
    order = sorted(range(len(notices)), key=lambda index: _order(notices[index]))
    deciding = _deciding([notices[index] for index in order])
    able = [index for index in order if notices[index] not in deciding]
    return able[: max(len(notices) - most, 0)]


def _plain(summary: BurstNotices) -> BurstNotices:
    return replace(summary, reason="", position_from="", ivorns=(), flags=())


def _deciding(notices: Sequence[Notice]) -> set[Notice]:
    """Return the notices, of those given oldest first, that the summary depends on."""
    retractions = [n for n in notices if n.kind is NoticeKind.RETRACTION]
    others = [n for n in notices if n.kind is not NoticeKind.RETRACTION]
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
        *(
            n
            for time in times
            for n in sorted(filter(time, notices), key=lambda n: time(n) or "")[:1]
        ),
    }


def _order(notice: Notice) -> tuple[str, int, str]:
    return notice.date_utc, int(notice.kind is NoticeKind.RETRACTION), notice.ivorn


def _reference_time(notices: list[Notice]) -> str | None:
    """Return the earliest of the best times; all have one form, so that texts sort as times."""
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
