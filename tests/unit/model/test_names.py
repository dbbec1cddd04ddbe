"""All inputs apply the same rule for identifiers, and any text can be encoded in a subject."""

import re
from collections.abc import Callable

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eclgrmd.errors import InputError
from eclgrmd.formats.notices.voevent import read_notice
from eclgrmd.model.messages.incoming import (
    TaskInput,
    TaskRequest,
    read_incoming,
    read_rerun,
    read_task,
    rerun_task,
    schemas,
)
from eclgrmd.model.names import (
    IDENTIFIER_RULE,
    header_value,
    identifier_from,
    is_identifier,
    is_subject,
    path_part,
    subject_token,
)
from eclgrmd.model.quicklook.binary import packet_from_binary, packet_to_binary
from eclgrmd.model.quicklook.packet import (
    AttitudePacket,
    Pointing,
    packet_from_json,
    packet_to_json,
)

GOOD = ["sb26020401", "GRB200106A", "a", "a.b_c:d+e-f", "0", 100 * "x"]
BAD = ["", " ", "sb 1", " sb1", "sb1 ", "sb1\n", "sb\n1", "sb*", "sb>", "a/b", "../x", ".a", "-a"]
BAD += ["é", "sb🚀", "sb\x00", "sb\u2028", "٣", 101 * "x", "a%20b", "a\tb", "a\u00a0b"]

NOTICE = """<?xml version="1.0"?>
<voe:VOEvent xmlns:voe="http://www.ivoa.net/xml/VOEvent/v2.0" role="observation" version="2.0"
 ivorn="ivo://org.svom/fsc#x"><Who><AuthorIVORN>ivo://org.svom/fsc</AuthorIVORN>
<Date>2026-01-01T00:00:30</Date></Who><What><Param name="Packet_Type" value="201"/>
<Param name="Burst_Id" value="BURST"/></What></voe:VOEvent>"""


def task(**changed: object) -> bytes:
    values = {"id": "t", "burst_id": "b", "inputs": [{"name": "a.fits"}], **changed}
    return msgspec.json.encode(values)


def notification(text: str) -> bytes:
    file = {"name": "a", "url": "http://x/a", "size": 1, "sha256": 64 * "0"}
    return msgspec.json.encode({"type": "data", "id": text, "burst_id": "b", "files": [file]})


def packet(text: str) -> AttitudePacket:
    pointing = Pointing((0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0))
    return AttitudePacket(burst_id=text, number=0, time_s=1.0, pointing=pointing, slewing=False)


def notice(text: str) -> bytes:
    return NOTICE.replace("BURST", "".join(f"&#{ord(letter)};" for letter in text)).encode()


DOORS: dict[str, Callable[[str], object]] = {
    "task id": lambda text: read_task(task(id=text)),
    "burst id of a task": lambda text: read_task(task(burst_id=text)),
    "task to be done again": lambda text: read_rerun(b"{}", text),
    "id of a re-run": lambda text: read_rerun(msgspec.json.encode({"id": text}), "t"),
    "burst of an old task": lambda text: rerun_task(
        TaskRequest("t", text, (TaskInput("a"),)), read_rerun(b"{}", "t")
    ),
    "notification": lambda text: read_incoming(notification(text)),
    "packet": lambda text: packet_from_json(packet_to_json(packet(text))),
    "binary packet": lambda text: packet_from_binary(packet_to_binary(packet(text))),
    "notice": lambda text: read_notice(notice(text)),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("text", GOOD)
def test_identifiers_are_taken_at_every_door(door: str, text: str) -> None:
    DOORS[door](text)


@pytest.mark.parametrize(
    ("door", "text"),
    # XML has no way to write NUL.
    [(door, text) for door in DOORS for text in BAD if door != "notice" or "\x00" not in text],
)
def test_what_is_no_identifier_is_refused_at_every_door(door: str, text: str) -> None:
    with pytest.raises(InputError) as told:
        DOORS[door](text)
    # A notice without a burst is told what it lacks.
    assert IDENTIFIER_RULE in str(told.value) or (door, text) == ("notice", "")


@pytest.mark.parametrize("text", [*GOOD, *BAD])
def test_the_published_schema_has_the_same_rule(text: str) -> None:
    document = schemas()["TaskRequest"]
    value = {"type": "task", **msgspec.json.decode(task(id=text))}
    assert jsonschema.Draft202012Validator(document).is_valid(value) is is_identifier(text)


@given(st.text())
def test_any_text_is_one_token_of_a_subject(text: str) -> None:
    token = subject_token(text)
    assert re.fullmatch(r"[A-Za-z0-9_:+%-]+", token)
    assert is_subject(token) or len(token) > 100


@given(st.text(), st.text())
def test_different_texts_are_different_tokens(one: str, other: str) -> None:
    assert (subject_token(one) == subject_token(other)) is (one == other)


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("sb26020401", "sb26020401"),
        ("a_b", "a_b"),
        ("a.b", "a%2Eb"),
        ("sb 1\n", "sb%201%0A"),
        ("*", "%2A"),
        (">", "%3E"),
        ("%", "%25"),
        ("é", "%C3%A9"),
        ("\udc80", "%ED%B2%80"),
        ("", "%"),
    ],
)
def test_tokens_are_percent_encoded_bytes(text: str, token: str) -> None:
    assert subject_token(text) == token


@given(st.text())
def test_any_text_is_a_header_of_visible_characters(text: str) -> None:
    assert re.fullmatch(r"[!-~]*", header_value(text))


@pytest.mark.parametrize(
    ("text", "part"), [*zip(GOOD, GOOD, strict=True), ("a b/..", "a%20b%2F..")]
)
def test_a_link_holds_any_id(text: str, part: str) -> None:
    assert path_part(text) == part


def test_a_message_id_of_ours_is_a_header_as_it_is() -> None:
    assert header_value("products-sb26.1:2+a_b-c") == "products-sb26.1:2+a_b-c"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("GRB200106A", "GRB200106A"),
        ("GRB 200106A", "GRB_200106A"),
        (" *x/y\n", "x_y"),
        ("é", ""),
        ("", ""),
        (200 * "x", 100 * "x"),
    ],
)
def test_a_name_in_a_header_gives_an_identifier_or_none(name: str, found: str) -> None:
    assert identifier_from(name) == found
    assert not found or is_identifier(found)


@pytest.mark.parametrize("text", ["", "a b", "a..b", ".a", "a.", "a.*", ">", "é", "a\n", 101 * "a"])
def test_settings_name_no_subject_that_nats_does_not_take(text: str) -> None:
    assert not is_subject(text)


@pytest.mark.parametrize("text", ["data.bandx", "activity.eclgrm", "$x.y-z_1"])
def test_subjects_of_settings_are_taken(text: str) -> None:
    assert is_subject(text)
