"""Notices: every real one is read, and nothing dangerous is."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from eclgrmd.errors import InputError
from eclgrmd.formats.voevent import MOST_BYTES, read_notice
from eclgrmd.model.notice import NoticeKind, Position

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
        (b'value="201"', b'value="999"', "Packet_Type '999'"),
        (b'value="201"', b'value="many"', "Packet_Type is 'many', must be a number"),
        (b'version="2.0"\n', b'version="1.1"\n', "version"),
        (b"Burst_Id", b"Other_Id", "Burst_Id is missing"),
        (b"2026-01-01T00:00:30", b"yesterday", "Date.*not accepted"),
        (b"v2.0", b"v9.9", "must be a VOEvent"),
        (b'role="observation"', b'role="joke"', "role"),
        (b"</What>", b"", "not well-formed"),
        (b"ivo://org.svom/fsc#", b"http://x#", "ivorn"),
    ],
)
def test_what_is_wrong_is_told(old: bytes, new: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_notice(MINIMAL.replace(old, new))


def test_entities_are_neither_expanded_nor_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("sb-secret")
    doctype = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'.encode()
    with pytest.raises(InputError, match="document type"):
        read_notice(MINIMAL.replace(b'<?xml version="1.0"?>', b'<?xml version="1.0"?>' + doctype))


def test_too_much_is_not_read() -> None:
    with pytest.raises(InputError, match="at most"):
        read_notice(MINIMAL + b" " * MOST_BYTES)
