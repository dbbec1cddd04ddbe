"""Reading of the mission's notices (VOEvent 2.0, Seaman et al. 2011, IVOA Recommendation).

A malformed notice may still be about a real burst. It is refused only if it has neither a burst id
nor a usable time.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from lxml import etree

from eclgrmd.errors import InputError
from eclgrmd.model.flags import texts
from eclgrmd.model.names import checked_identifier, is_identifier
from eclgrmd.model.quicklook.notice import Citation, Detection, Notice, NoticeKind, Position

from .voevent_text import MOST_BYTES, NAMESPACE, notice_root
from .voevent_values import NoticeValues

__all__ = ["MOST_BYTES", "NAMESPACE", "read_notice", "validate"]

_ROLES = ("observation", "prediction", "utility", "test")
_CITES = ("followup", "supersedes", "retraction")
_BURST_IN_IVORN = re.compile(r"#([^#/_]+)_[^#/]*")
_KINDS = {
    "grm-trigger": NoticeKind.GRM_TRIGGER,
    "eclairs-wakeup": NoticeKind.ECLAIRS_WAKEUP,
    "eclairs-catalog": NoticeKind.ECLAIRS_CATALOG,
    "slewing": NoticeKind.SLEWING,
    "not-slewing": NoticeKind.NOT_SLEWING,
    "retraction": NoticeKind.RETRACTION,
}
"""Kind of a notice by the end of its IVORN."""
_MOST_SERIAL = 2**31 - 1
"""Largest Pkt_Ser_Num, an INT in the database."""
_LONGEST_IVORN = 300
"""Most characters of an IVORN, the width of its column in the database."""
_COORDS = "WhereWhen/ObsDataLocation/ObservationLocation/AstroCoords"


def read_notice(payload: bytes) -> Notice:
    """Read a notice from an untrusted sender.

    A missing or malformed value becomes None, with a flag if it is malformed. The other values are
    used.

    Raises
    ------
    InputError
        If it is not a VOEvent 2.x, or has no burst id or no usable time.
    """
    root, flags = notice_root(payload)
    values = NoticeValues(root, flags)
    ivorn = _ivorn(root, values)
    burst_id = _burst_id(values, ivorn)
    citations = tuple(_citations(root, values))
    kind = _kind(values, ivorn, citations)
    time_utc = values.element_time(f"{_COORDS}/Time/TimeInstant/ISOTime", "ISOTime")
    sequence_t0_utc = values.time("Alert_Seq_T0")
    detection = _detection(values)
    return Notice(
        ivorn=ivorn if 0 < len(ivorn) <= _LONGEST_IVORN else f"ivo://unknown#{burst_id}",
        kind=kind,
        role=_role(root, values),
        burst_id=burst_id,
        date_utc=_date(values, time_utc, sequence_t0_utc, detection),
        instrument=values.text("Instrument") or "",
        serial=values.whole("Pkt_Ser_Num", _MOST_SERIAL) or 1,
        level=values.text("Notice_Level") or "",
        time_utc=time_utc,
        sequence_t0_utc=sequence_t0_utc,
        detection=detection,
        position=_position(root, values),
        slew=values.text("Slew_Status"),
        attitude_deg=_triple(values, "Attitude_Ra", "Attitude_Dec", "Attitude_Roll"),
        satellite=_triple(values, "Sat_Longitude", "Sat_Latitude", "Sat_Altitude"),
        citations=citations,
        source_name=values.text("Source_Name"),
        flags=values.flags,
    )


def validate(root: etree._Element) -> None:
    """Check the structure of a VOEvent against its schema.

    Raises
    ------
    InputError
        If it is invalid; the text has the line and the first error.
    """
    try:
        _schema().assertValid(root)
    except etree.DocumentInvalid as error:
        raise InputError(f"notice: no valid VOEvent 2.0: {error}") from error


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(
        etree.fromstring(files(__package__).joinpath("voevent.xsd").read_bytes())
    )


def _ivorn(root: etree._Element, values: NoticeValues) -> str:
    ivorn = str(root.get("ivorn", "")).strip()
    if not ivorn.startswith("ivo://"):
        values.doubt(f"ivorn is {ivorn[:80]!r}, must begin with ivo://")
    if len(ivorn) > _LONGEST_IVORN:
        values.doubt(f"ivorn has {len(ivorn)} characters, at most {_LONGEST_IVORN}: not kept")
    return ivorn


def _role(root: etree._Element, values: NoticeValues) -> str:
    role = str(root.get("role", "observation")).strip()
    if role in _ROLES:
        return role
    values.doubt(f"role is {role[:40]!r}: taken as an observation")
    return "observation"


def _burst_id(values: NoticeValues, ivorn: str) -> str:
    if values.text("Burst_Id") is not None or values.raw("Burst_Id").isspace():
        return checked_identifier(values.raw("Burst_Id"), "notice: Burst_Id")
    found = _BURST_IN_IVORN.search(ivorn)
    if found is None or not is_identifier(found[1]):
        raise InputError("notice: the parameter Burst_Id is missing, e.g. sb26020401")
    values.doubt(f"Burst_Id is missing: {found[1]} taken from the IVORN")
    return found[1]


def _kind(values: NoticeValues, ivorn: str, citations: tuple[Citation, ...]) -> NoticeKind:
    number = values.whole("Packet_Type", 65535)
    if number and number in set(NoticeKind):
        return NoticeKind(number)
    kind = _KINDS.get(ivorn.rpartition("_")[2], NoticeKind.UNKNOWN)
    if any(each.cite == "retraction" for each in citations):
        kind = NoticeKind.RETRACTION
    problem = "missing" if number is None else f"{number}, which is not known"
    values.doubt(f"Packet_Type is {problem}: taken as {kind.name.lower()}")
    return kind


def _date(values: NoticeValues, *others: str | Detection | None) -> str:
    """Return the time at which a notice was written: Who/Date, or else its latest time."""
    date = values.element_time("Who/Date", "Who/Date")
    if date is not None:
        return date
    known = [each for each in others if isinstance(each, str)]
    for each in others:
        if isinstance(each, Detection):
            known += [time for time in (each.start_utc, each.stop_utc) if time]
    if not known:
        raise InputError(
            "notice: tells no time that can be used: Who/Date must be ISO-8601 UTC"
            f" ({'; '.join(texts(values.flags)) or 'Who/Date is missing'})"
        )
    values.doubt(f"Who/Date is not told: {max(known)} used, its latest time")
    return max(known)


def _triple(values: NoticeValues, *names: str) -> tuple[float, float, float] | None:
    first, second, third = (values.number(name) for name in names)
    if first is None or second is None or third is None:
        return None
    return first, second, third


def _detection(values: NoticeValues) -> Detection:
    low = values.number("Lower_Energy_Bound")
    high = values.number("Upper_Energy_Bound")
    band = None if low is None or high is None else (low, high)
    if band is not None and not 0.0 <= band[0] < band[1]:
        values.unused(f"the energy band is {band[0]:g}-{band[1]:g} keV, not rising")
        band = None
    bits = values.text("Triggered_GRDs") or ""
    if not re.fullmatch("[01]{0,32}", bits):
        values.unused(f"Triggered_GRDs is {bits[:40]!r}, must be bits")
        bits = ""
    return Detection(
        snr=values.number("SNR"),
        timescale_s=values.number("Timescale"),
        start_utc=values.time("Time_Window_Start"),
        stop_utc=values.time("Time_Window_End"),
        band_kev=band,
        trigger_type=values.text("Trigger_Type"),
        detectors=tuple(f"GRD{i:02d}" for i, bit in enumerate(bits, start=1) if bit == "1"),
    )


def _position(root: etree._Element, values: NoticeValues) -> Position | None:
    found = root.find(f"{_COORDS}/Position2D")
    if found is None:
        return None
    unit = str(found.get("unit", "deg")).strip()
    if not set(re.split("[ -]+", unit)) <= {"deg", ""}:
        values.unused(f"Position2D has the unit {unit[:40]!r}, not deg")
        return None
    ra, dec = (values.number_of(found.findtext(f"Value2/{c}") or "", c) for c in ("C1", "C2"))
    radius = found.findtext("Error2Radius")
    error = None if radius is None else values.number_of(radius, "Error2Radius")
    if ra is None or dec is None:
        return None
    if not (0.0 <= ra <= 360.0 and -90.0 <= dec <= 90.0):
        values.unused(f"position {ra:g}, {dec:g} deg does not lie on the sky")
        return None
    return Position(ra, dec, error if error is not None and 0.0 <= error <= 180.0 else None)


def _citations(root: etree._Element, values: NoticeValues) -> Iterator[Citation]:
    for element in root.iterfind("Citations/EventIVORN"):
        cite = str(element.get("cite", "")).strip()
        if cite not in _CITES:
            values.doubt(f"a citation is of the kind {cite[:40]!r}")
        yield Citation((element.text or "").strip(), cite)
