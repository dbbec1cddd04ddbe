"""Whatever is taken in has limits: a number or text without one would not fit its column."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from eclgrmd.errors import InputError
from eclgrmd.ingest.mdb import MdbAnswer
from eclgrmd.model.messages.incoming import (
    DataNotification,
    RerunRequest,
    TaskRequest,
    read_incoming,
)
from eclgrmd.model.names import Instrument
from eclgrmd.model.quicklook.packet import PACKETS

TAKEN_IN = (DataNotification, TaskRequest, RerunRequest, MdbAnswer, *PACKETS)
WITHOUT_COLUMN = {
    "/TriggerPacket/detectors",
    "/LightCurvePacket/counts",
    "/LightCurvePacket/live",
    "/MdbAnswer/files",
}
"""Lists that have no column of their own; the bytes of a packet and of an answer are limited."""


def unlimited(node: Any, place: str) -> Iterator[str]:
    """Find the numbers, texts and lists of a JSON schema that may be as large as they like."""
    if "$ref" in node or "const" in node or "enum" in node:
        return
    kind = node.get("type")
    limited = {
        "integer": bool({"maximum", "exclusiveMaximum"} & node.keys())
        and bool({"minimum", "exclusiveMinimum"} & node.keys()),
        "string": "pattern" in node or "maxLength" in node,
        "array": "maxItems" in node,
    }
    if kind in limited and not limited[kind]:
        yield place
    for option in node.get("anyOf", ()):
        yield from unlimited(option, place)
    if isinstance(node.get("items"), dict):
        yield from unlimited(node["items"], f"{place}/*")
    for name, child in node.get("properties", {}).items():
        yield from unlimited(child, f"{place}/{name}")


@pytest.mark.parametrize("kind", TAKEN_IN, ids=lambda kind: kind.__name__)
def test_every_number_text_and_list_that_is_taken_in_has_limits(kind: type) -> None:
    _, parts = msgspec.json.schema_components([kind])
    found = {place for name, part in parts.items() for place in unlimited(part, f"/{name}")}
    assert {place.split("/*")[0] for place in found} <= WITHOUT_COLUMN


def notification(**change: object) -> bytes:
    file = {"name": "a", "url": "http://h/a", "size": 1, "sha256": "0" * 64, **change}
    return json.dumps({"type": "data", "id": "n", "burst_id": "b", "files": [file]}).encode()


@pytest.mark.parametrize("size", [2**53, 2**63, 2**64, 10**30])
def test_a_size_that_no_file_has_is_refused_with_the_limit(size: int) -> None:
    with pytest.raises(InputError) as caught:
        read_incoming(notification(size=size))
    assert str(caught.value) == ("message: Expected `int` <= 9007199254740991 - at `/files/0/size`")


def test_the_largest_size_is_taken() -> None:
    message = read_incoming(notification(size=2**53 - 1))
    assert isinstance(message, DataNotification)
    assert message.files[0].size == 2**53 - 1


def test_more_instruments_than_there_are_cannot_be_expected() -> None:
    message = json.loads(notification())
    message["expected"] = [Instrument.BATSE] * 10
    with pytest.raises(InputError, match="length <= 9 - at `/expected`"):
        read_incoming(json.dumps(message).encode())
