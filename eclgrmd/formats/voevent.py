"""Read the mission's notices (VOEvent 2.0, Seaman et al. 2011, IVOA Recommendation)."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from math import isfinite

from lxml import etree

from eclgrmd.errors import InputError
from eclgrmd.model.mission_time import met_of_utc, utc_of_met
from eclgrmd.model.names import checked_identifier
from eclgrmd.model.notice import Citation, Detection, Notice, NoticeKind, Position

__all__ = ["MOST_BYTES", "NAMESPACE", "read_notice", "validate"]

NAMESPACE = "http://www.ivoa.net/xml/VOEvent/v2.0"
MOST_BYTES = 100_000
"""Real notices have 4 kB."""


def read_notice(payload: bytes) -> Notice:
    """Read a notice, which anybody may have sent.

    No entity is expanded, nothing is fetched, and a document type declaration is refused.

    Raises
    ------
    InputError
        With what is wrong and what would be right.
    """
    root = _root(payload)
    parameters = {str(e.get("name")): str(e.get("value", "")) for e in root.iterfind("What//Param")}
    kind = _kind(parameters)
    date = _text(root, "Who/Date")
    if date is None:
        raise InputError("notice: Who/Date is missing: it must be ISO-8601 UTC")
    burst_id = parameters.get("Burst_Id", "")
    if not burst_id:
        raise InputError("notice: the parameter Burst_Id is missing, e.g. sb26020401")
    checked_identifier(burst_id, "notice: Burst_Id")
    return Notice(
        ivorn=str(root.get("ivorn")),
        kind=kind,
        role=str(root.get("role", "observation")),
        burst_id=burst_id,
        date_utc=_utc(date, "Who/Date"),
        instrument=parameters.get("Instrument", ""),
        serial=int(_number(parameters, "Pkt_Ser_Num") or 1),
        level=parameters.get("Notice_Level", ""),
        time_utc=_optional_utc(_text(root, "WhereWhen//ISOTime"), "ISOTime"),
        sequence_t0_utc=_optional_utc(parameters.get("Alert_Seq_T0"), "Alert_Seq_T0"),
        detection=_detection(parameters),
        position=_position(root),
        slew=parameters.get("Slew_Status"),
        attitude_deg=_triple(parameters, "Attitude_Ra", "Attitude_Dec", "Attitude_Roll"),
        satellite=_triple(parameters, "Sat_Longitude", "Sat_Latitude", "Sat_Altitude"),
        citations=tuple(_citations(root)),
        source_name=parameters.get("Source_Name"),
    )


def _root(payload: bytes) -> etree._Element:
    if len(payload) > MOST_BYTES:
        raise InputError(f"notice: {len(payload)} bytes, at most {MOST_BYTES} are read")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )
    try:
        root = etree.fromstring(payload, parser)
    except etree.XMLSyntaxError as error:
        raise InputError(f"notice: not well-formed XML: {error.msg}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise InputError("notice: holds a document type declaration, which is not taken")
    if root.tag != f"{{{NAMESPACE}}}VOEvent":
        raise InputError(f"notice: is a {root.tag!r}, must be a VOEvent of {NAMESPACE}")
    validate(root)
    return root


def validate(root: etree._Element) -> None:
    """Check the structure of a VOEvent.

    Raises
    ------
    InputError
        With the line and the first thing that is wrong.
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


def _kind(parameters: Mapping[str, str]) -> NoticeKind:
    number = _number(parameters, "Packet_Type")
    try:
        return NoticeKind(int(number if number is not None else -1))
    except ValueError as error:
        allowed = ", ".join(str(int(kind)) for kind in NoticeKind)
        told = parameters.get("Packet_Type")
        raise InputError(f"notice: has Packet_Type {told!r} (allowed: {allowed})") from error


def _text(root: etree._Element, path: str) -> str | None:
    text = root.findtext(path)
    return text.strip() if text and text.strip() else None


def _number(parameters: Mapping[str, str], name: str) -> float | None:
    text = parameters.get(name)
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError as error:
        raise InputError(f"notice: {name} is {text!r}, must be a number") from error
    return value if isfinite(value) else None


def _triple(parameters: Mapping[str, str], *names: str) -> tuple[float, float, float] | None:
    first, second, third = (_number(parameters, name) for name in names)
    if first is None or second is None or third is None:
        return None
    return first, second, third


def _utc(text: str, what: str) -> str:
    """Give a time in one form, so that texts sort as times do."""
    try:
        return utc_of_met(met_of_utc(text))
    except InputError as error:
        raise InputError(f"notice: {what} is {error}") from error


def _optional_utc(text: str | None, what: str) -> str | None:
    return None if text is None else _utc(text, what)


def _detection(parameters: Mapping[str, str]) -> Detection:
    low = _number(parameters, "Lower_Energy_Bound")
    high = _number(parameters, "Upper_Energy_Bound")
    bits = parameters.get("Triggered_GRDs", "")
    return Detection(
        snr=_number(parameters, "SNR"),
        timescale_s=_number(parameters, "Timescale"),
        start_utc=_optional_utc(parameters.get("Time_Window_Start"), "Time_Window_Start"),
        stop_utc=_optional_utc(parameters.get("Time_Window_End"), "Time_Window_End"),
        band_kev=None if low is None or high is None else (low, high),
        trigger_type=parameters.get("Trigger_Type"),
        detectors=tuple(f"GRD{i:02d}" for i, bit in enumerate(bits, start=1) if bit == "1"),
    )


def _position(root: etree._Element) -> Position | None:
    found = root.find("WhereWhen//Position2D")
    if found is None:
        return None
    told = {
        "C1": found.findtext("Value2/C1") or "",
        "C2": found.findtext("Value2/C2") or "",
        "Error2Radius": found.findtext("Error2Radius") or "-1",
    }
    ra, dec, error = (_number(told, name) for name in told)
    if ra is None or dec is None:
        raise InputError("notice: Position2D has no finite C1 and C2")
    if not (0.0 <= ra <= 360.0 and -90.0 <= dec <= 90.0):
        raise InputError(f"notice: position {ra:g}, {dec:g} deg does not lie on the sky")
    return Position(ra, dec, error if error is not None and error >= 0.0 else None)


def _citations(root: etree._Element) -> Iterator[Citation]:
    for element in root.iterfind("Citations/EventIVORN"):
        yield Citation((element.text or "").strip(), str(element.get("cite", "")))
