"""JSON that no machine can hold is refused in a sentence, at every door."""

from collections.abc import Callable
from zlib import crc32

import msgspec
import pytest

from eclgrmd.errors import InputError
from eclgrmd.model.configuration.layers import configuration_from_json
from eclgrmd.model.messages.incoming import read_incoming, read_rerun, read_task
from eclgrmd.model.quicklook.binary import MAGIC, read_packet

TASK = b'{"type":"task","id":"t","burst_id":"b","inputs":[{"name":"a"}],"configuration":%s}'

DEEP = {
    "tables": b'{"a":' * 3000 + b"1" + b"}" * 3000,
    "few tables": b'{"a":' * 600 + b"1" + b"}" * 600,
    "lists": b'{"seed":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "few lists": b'{"seed":' + b"[" * 600 + b"]" * 600 + b"}",
    "per instrument": b'{"per_instrument":{"ECL":' + b'{"a":' * 600 + b"1" + b"}" * 602,
    "never ends": b"[" * 1_000_000,
    "5,000 digits": b'{"seed":' + b"9" * 5000 + b"}",
    "a million digits": b'{"seed":' + b"9" * 1_000_000 + b"}",
    "5,000 digits as a real number": b'{"trigger_time_s":1' + b"0" * 5000 + b"}",
    "beyond a double": b'{"trigger_time_s":1e400}',
    "NaN": b'{"trigger_time_s":NaN}',
    "Infinity": b'{"trigger_time_s":-Infinity}',
    "half a pair of surrogates": b'{"detectors":["\\ud800"]}',
    "the same in a key": b'{"\\udfff":1}',
    "not UTF-8": b'{"detectors":["\xff\xfe"]}',
    "UTF-16": '{"seed":1}'.encode("utf-16"),
    "empty": b"",
}
DOORS: dict[str, Callable[[bytes], object]] = {
    "task": lambda text: read_task(TASK % text),
    "message": lambda text: read_incoming(TASK % text),
    "re-run": lambda text: read_rerun(b'{"configuration":%s}' % text, "t"),
    "packet": read_packet,
    "configuration": configuration_from_json,
}


CHECKED_WITH_ITS_TASK = {"few tables", "few lists", "per instrument"}
"""Changes that a re-run asks for are checked when they are laid over its task."""


@pytest.mark.parametrize(
    ("door", "text"),
    [
        (door, text)
        for door in DOORS
        for text in DEEP
        if door != "re-run" or text not in CHECKED_WITH_ITS_TASK
    ],
)
def test_what_cannot_be_held_is_refused_in_a_sentence(door: str, text: str) -> None:
    with pytest.raises(InputError) as told:
        DOORS[door](DEEP[text])
    assert len(str(told.value)) < 1000
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "body", [b"\xa2\xff\xfe", b"\x91" * 100_000, b"\x81\xa4type", b"\xc1", b""]
)
def test_a_binary_packet_of_any_bytes_is_refused_in_a_sentence(body: bytes) -> None:
    with pytest.raises(InputError, match="packet"):
        read_packet(framed(body))


def test_half_a_pair_of_surrogates_in_a_binary_packet_is_refused() -> None:
    body = msgspec.msgpack.encode({"type": "alert", "burst_id": "X"}).replace(b"X", b"\xed\xa0\x80")
    with pytest.raises(InputError, match="packet"):
        read_packet(framed(body))


def framed(body: bytes) -> bytes:
    """Put bytes into a frame that is right."""
    head = MAGIC + b"\x01" + len(body).to_bytes(4, "big") + body
    return head + crc32(head).to_bytes(4, "big")
