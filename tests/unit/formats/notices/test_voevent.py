"""Every real notice is read, and dangerous XML is refused."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from eclgrmd.errors import InputError
from eclgrmd.formats.notices.voevent import MOST_BYTES, read_notice
from eclgrmd.model.flags import texts
from eclgrmd.model.quicklook.notice import NoticeKind, Position, is_notice, judge

MINIMAL = b"""<?xml version="1.0"?>
<voe:VOEvent xmlns:voe="http://www.ivoa.net/xml/VOEvent/v2.0" role="observation" version="2.0"
 ivorn="ivo://org.svom/fsc#sb26010101_grm-trigger">
<Who><AuthorIVORN>ivo://org.svom/fsc</AuthorIVORN><Date>2026-01-01T00:00:30</Date></Who>
<What><Param name="Packet_Type" value="201"/>
<Group name="Svom_Identifiers"><Param name="Burst_Id" value="sb26010101"/></Group>
</What></voe:VOEvent>"""


def files(shared_data: Path) -> list[Path]:
    return sorted((shared_data / "svom-notices").glob("*.xml"))


@pytest.mark.data
def test_every_real_notice_is_read_and_tells_what_the_file_tells(shared_data: Path) -> None:
    assert len(files(shared_data)) == 38
    for path in files(shared_data):
        text = path.read_bytes()
        notice, other = read_notice(text), ET.fromstring(text)  # noqa: S314 - our own data
        told = {p.get("name"): p.get("value") for p in other.iter("Param")}
        assert notice.ivorn == other.get("ivorn")
        assert texts(notice.flags) == ()
        assert notice.burst_id == told["Burst_Id"]
        assert notice.detection.snr == float(told["SNR"] or "nan")
        assert [c.ivorn for c in notice.citations] == [e.text for e in other.iter("EventIVORN")]


@pytest.mark.data
def test_a_grm_notice_without_position_and_sequence_time(shared_data: Path) -> None:
    notice = read_notice((shared_data / "svom-notices" / "grm_284.xml").read_bytes())
    assert notice.kind is NoticeKind.GRM_TRIGGER
    assert notice.position is None
    assert notice.sequence_t0_utc is None
    assert notice.detection.start_utc == "2026-02-04T10:11:30.000000Z"
    assert notice.detection.detectors == ("GRD01", "GRD03")
    assert notice.satellite == (40.54, 29.12, 615.22)


@pytest.mark.data
def test_a_retraction_cites_all_that_it_withdraws(shared_data: Path) -> None:
    notice = read_notice((shared_data / "svom-notices" / "grm_286.xml").read_bytes())
    assert notice.kind is NoticeKind.RETRACTION
    assert [c.cite for c in notice.citations] == ["retraction"] * 3


def test_a_radius_of_minus_one_is_unknown() -> None:
    where = (
        b"<WhereWhen><ObsDataLocation><ObservationLocation><AstroCoordSystem/><AstroCoords><Position2D>"
        b"<Value2><C1>10.5</C1><C2>-20</C2></Value2><Error2Radius>-1.0000</Error2Radius>"
        b"</Position2D></AstroCoords></ObservationLocation></ObsDataLocation></WhereWhen>"
    )
    notice = read_notice(MINIMAL.replace(b"</voe:VOEvent>", where + b"</voe:VOEvent>"))
    assert notice.position == Position(10.5, -20.0, None)


def test_the_least_that_a_notice_must_say() -> None:
    notice = read_notice(MINIMAL)
    assert notice.date_utc == "2026-01-01T00:00:30.000000Z"
    assert notice.detection.snr is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"Burst_Id", b"Other_Id", "Burst_Id is missing"),
        (b'value="sb26010101"', b'value="sb/1"', "Burst_Id 'sb/1': must be"),
        (b"2026-01-01T00:00:30", b"yesterday", "tells no time.*'yesterday'"),
        (b"2026-01-01T00:00:30", b"9999-12-31T23:59:59.999999Z", "tells no time.*not within"),
        (b"v2.0", b"v9.9", "must be a VOEvent"),
        (b"</What>", b"", "not well-formed"),
        (b"</voe:VOEvent>", b"", "not well-formed"),
    ],
)
def test_a_notice_that_nothing_can_be_done_with_is_refused(
    old: bytes, new: bytes, said: str
) -> None:
    text = MINIMAL.replace(b"sb26010101_grm-trigger", b"grm") if old == b"Burst_Id" else MINIMAL
    with pytest.raises(InputError, match=said):
        read_notice(text.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "flag"),
    [
        (b'role="observation"', b'role="joke"', "role is 'joke'"),
        (b'version="2.0"\n', b'version="1.1"\n', "version 1.1"),
        (b"ivo://org.svom/fsc#", b"http://x#", "ivorn is 'http://x"),
        (b'<Param name="Packet_Type" value="201"/>', b"", "Packet_Type is missing"),
        (b'value="201"', b'value="999"', "Packet_Type is 999, which is not known"),
        (b'value="201"', b'value="many"', "Packet_Type is 'many'"),
        (b"Burst_Id", b"Other_Id", "sb26010101 taken from the IVORN"),
        (b"VOEvent/v2.0", b"VOEvent/v2.1", "v2.1"),
    ],
)
def test_a_notice_that_is_odd_is_used_and_flagged(old: bytes, new: bytes, flag: str) -> None:
    notice = read_notice(MINIMAL.replace(old, new))
    assert notice.burst_id == "sb26010101"
    assert notice.date_utc == "2026-01-01T00:00:30.000000Z"
    assert any(flag in each for each in texts(notice.flags))


def with_parameters(**values: str) -> bytes:
    told = "".join(f'<Param name="{name}" value="{value}"/>' for name, value in values.items())
    return MINIMAL.replace(b"</What>", told.encode() + b"</What>")


NO_NUMBERS = ["", " ", "-", "N/A", "nan", "inf", "1e999", "12.5 sigma", "1_000", "1,234", "١"]


@pytest.mark.parametrize("text", [*NO_NUMBERS, "9" * 5000])
def test_an_optional_value_that_is_no_number_becomes_null_and_a_flag(text: str) -> None:
    notice = read_notice(with_parameters(SNR=text, Timescale="0.5", Pkt_Ser_Num=text))
    assert notice.detection.snr is None
    assert notice.serial == 1
    assert notice.detection.timescale_s == 0.5
    assert sorted(flag.partition(" is ")[0] for flag in texts(notice.flags)) == [
        "Pkt_Ser_Num",
        "SNR",
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [(" 12.5 ", 12.5), ("12,5", 12.5), ("0,125", 0.125), ("+1e1", 10.0), ("5.", 5.0)],
)
def test_numbers_as_people_write_them(text: str, value: float) -> None:
    notice = read_notice(with_parameters(SNR=text))
    assert notice.detection.snr == value
    assert texts(notice.flags) == ()


def test_a_value_may_be_in_an_element_of_its_own() -> None:
    text = b'<Param name="SNR"><Value>7.5</Value></Param></What>'
    assert read_notice(MINIMAL.replace(b"</What>", text)).detection.snr == 7.5


def test_a_value_in_another_unit_is_not_used() -> None:
    text = b'<Param name="Timescale" value="100" unit="ms"/></What>'
    notice = read_notice(MINIMAL.replace(b"</What>", text))
    assert notice.detection.timescale_s is None
    assert texts(notice.flags) == ("Timescale has the unit 'ms', not s: not used",)


def test_a_value_that_is_told_twice_is_flagged() -> None:
    text = b'<Param name="SNR" value="7"/><Param name="SNR" value="8"/></What>'
    notice = read_notice(MINIMAL.replace(b"</What>", text))
    assert notice.detection.snr == 7.0
    assert texts(notice.flags) == ("SNR is told twice: '7' used, '8' not",)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-02-25T08:50:57.169", "2026-02-25T08:50:57.169000Z"),
        ("2026-02-25T08:50:57+0200", "2026-02-25T06:50:57.000000Z"),
        ("2026-02-25T08:50:57+02", "2026-02-25T06:50:57.000000Z"),
        ("2026-02-25 08:50:57,5", "2026-02-25T08:50:57.500000Z"),
        ("2026-12-31T23:59:60", "2027-01-01T00:00:00.000000Z"),
        ("2026-12-31T23:59:60.25Z", "2027-01-01T00:00:00.250000Z"),
        ("2027-01-01T01:59:60+02:00", "2027-01-01T00:00:00.000000Z"),
        ("2026-12-31T24:00:00", "2027-01-01T00:00:00.000000Z"),
        ("2026-12-31T24:00", "2027-01-01T00:00:00.000000Z"),
        ("N/A", None),
        ("", None),
        ("2026-12-31T24:00:01", None),
        ("2026-12-31T23:58:60", None),
        ("9999-12-31T23:59:59.999999Z", None),
        ("0001-01-01T00:00:00+02:00", None),
    ],
)
def test_times_as_people_write_them(text: str, utc: str | None) -> None:
    notice = read_notice(with_parameters(Alert_Seq_T0=text))
    assert notice.sequence_t0_utc == utc
    assert bool(texts(notice.flags)) == (utc is None)


@pytest.mark.parametrize(
    ("text", "flagged"),
    [
        (b"\n  " + MINIMAL, False),
        (b"\xef\xbb\xbf" + MINIMAL, False),
        (b"\xef\xbb\xbf\r\n" + MINIMAL, False),
        (MINIMAL.decode().encode("utf-16"), False),
        (MINIMAL + b"\0\0\n\0", False),
        (MINIMAL + b"\n--\nsent by a mailer <x>\n", True),
        (MINIMAL.replace(b"<Who>", b"<!-- d\xe9tect\xe9 --><Who>"), True),
        (MINIMAL.replace(b"voe:VOEvent", b"VOEvent").replace(b"xmlns:voe", b"xmlns"), False),
    ],
)
def test_what_relays_do_to_a_notice(text: bytes, flagged: bool) -> None:
    notice = read_notice(text)
    assert notice.burst_id == "sb26010101"
    assert bool(texts(notice.flags)) == flagged
    assert is_notice(text)


@pytest.mark.parametrize(("ra", "dec"), [("", "1"), ("400", "1"), ("10", "-91"), ("N/A", "nan")])
def test_a_position_that_is_none_costs_nothing_else(ra: str, dec: str) -> None:
    where = (
        "<WhereWhen><ObsDataLocation><ObservationLocation><AstroCoordSystem/><AstroCoords><Position2D>"
        f"<Value2><C1>{ra}</C1><C2>{dec}</C2></Value2>"
        "</Position2D></AstroCoords></ObservationLocation></ObsDataLocation></WhereWhen>"
    ).encode()
    notice = read_notice(MINIMAL.replace(b"</voe:VOEvent>", where + b"</voe:VOEvent>"))
    assert notice.position is None
    assert texts(notice.flags)


def test_a_notice_without_date_is_dated_by_its_latest_time() -> None:
    text = with_parameters(
        Time_Window_Start="2026-01-01T00:00:00", Time_Window_End="2026-01-01T00:00:05"
    )
    notice = read_notice(text.replace(b"<Date>2026-01-01T00:00:30</Date>", b""))
    assert notice.date_utc == "2026-01-01T00:00:05.000000Z"
    assert "Who/Date is not told" in texts(notice.flags)[0]


def test_a_retraction_without_its_number_still_withdraws() -> None:
    text = MINIMAL.replace(b'value="201"', b'value=""')
    cited = b'<Citations><EventIVORN cite="retraction">ivo://a#b</EventIVORN></Citations>'
    notice = read_notice(text.replace(b"</voe:VOEvent>", cited + b"</voe:VOEvent>"))
    assert notice.kind is NoticeKind.RETRACTION
    assert judge([notice]).state == "withdrawn"
    assert texts(judge([notice]).flags) == texts(notice.flags)


def test_entities_are_neither_expanded_nor_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("sb-secret")
    doctype = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'.encode()
    with pytest.raises(InputError, match="document type"):
        read_notice(MINIMAL.replace(b'<?xml version="1.0"?>', b'<?xml version="1.0"?>' + doctype))


def test_an_ivorn_too_long_for_the_table_costs_nothing_else() -> None:
    notice = read_notice(MINIMAL.replace(b"_grm-trigger", b"_" + 400 * b"x"))
    assert (notice.burst_id, notice.kind) == ("sb26010101", NoticeKind.GRM_TRIGGER)
    assert notice.ivorn == "ivo://unknown#sb26010101"
    assert texts(notice.flags) == ("ivorn has 430 characters, at most 300: not kept",)


def test_too_much_is_not_read() -> None:
    with pytest.raises(InputError, match="at most"):
        read_notice(MINIMAL + b" " * MOST_BYTES)
