"""What differs from run to run, by the name of the field that holds it.

A masked value becomes the name of its mask: that it is there, and not null, is still compared.
"""

import re
from collections.abc import Mapping
from typing import Any

__all__ = [
    "MASKED_FIELDS",
    "MASKED_NUMBERS",
    "MASKED_TIMES",
    "MASKED_WHERE",
    "TIME_SUFFIX",
    "masked",
    "renamed",
]

TIME_SUFFIX = "_at"
"""Ends the names of all columns and fields that tell when something happened here."""

MASKED_FIELDS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "aged_until", "alert_datetime", "at", "clock_showed", "created_utc", "creation_date",
            "date", "date_utc",
            "timestamp",
        ),
        "<time>",
    ),
    **dict.fromkeys(
        (
            "beats", "checked_ago_s", "elapsed_s", "oldest_s", "renewals", "seconds", "stage_s",
        ),
        "<elapsed>",
    ),
    **dict.fromkeys(("owner", "worker", "pid", "processor"), "<host>"),
    "software": "<version>",
    "causes": "<ids>",
    **dict.fromkeys(
        (
            "analysed_packet", "correlation_id", "data_id", "dead_letter_id", "fault_id",
            "last_packet", "notice_id", "outbox_id", "packet_id", "transfer_id",
        ),
        "<id>",
    ),
    **dict.fromkeys(("sha256", "ETag"), "<sha256>"),
    "Content-Range": "<range>",
}  # fmt: skip
"""Mask of each field that differs wherever it stands; the ids are numbers of rows, and UUIDs.

Checksums are masked because the bytes of a product hold its time, and because the bytes of a
simulated file hold floating-point numbers, whose last digits may differ between machines.
"""

MASKED_TIMES: tuple[str, ...] = ("next",)
"""Fields whose texts hold a time: only that is masked."""

MASKED_NUMBERS: tuple[str, ...] = ("chain", "message_id")
"""Fields whose texts may hold the number of a data file, which is that of its arrival."""

MASKED_WHERE: Mapping[tuple[str, str], str] = {
    **dict.fromkeys((("outbox", name) for name in ("due_at", "failures", "told")), "<load>"),
    ("steps", "key"): "<sha256>",
    ("announcements", "dead_letters"): "<now>",
    ("tasks", "open"): "<now>",
    ("workers", "busy"): "<now>",
    ("line", "path"): "<path>",
    ("product", "path"): "<path>",
    ("vhf_product", "path"): "<path>",
    ("data_file", "path"): "<path>",
    ("body", "path"): "<path>",
    ("lines", "path"): "<path>",
    ("line", "size"): "<size>",
    ("body", "size"): "<size>",
    ("lines", "size"): "<size>",
    ("products", "size"): "<size>",
    ("product", "size"): "<size>",
    ("vhf_product", "size"): "<size>",
}
"""Masks of fields that differ only within what has this name.

An announcement is postponed where NATS is slow on a busy machine: null is no other outcome then.
"""

_LONGEST = 20_000
_SHOWN = 100
"""Characters of a text, and what is kept of a longer one: the story makes one to be too large."""
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?")
_XML_DATE = re.compile(r"(<Date>)[^<]+")
"""The element of a VOEvent that tells when it was written."""
_MESSAGE_SIZE = re.compile(r"a message of \d+ bytes")
"""A message names the process that sent it, whose number may be longer or shorter."""
_DATA_NUMBER = re.compile(r"^data-\d+-")
_UUID = re.compile(r"^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$")


def masked(value: Any, inside: str = "") -> Any:
    """Return a document with all masks on; `inside` is the name of what holds it."""
    if isinstance(value, dict):
        return {key: _field(key, each, inside) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [masked(each, inside) for each in value]
    return _text(value) if isinstance(value, str) else value


def renamed(text: str, names: Mapping[str, str]) -> str:
    """Return a text with addresses and folders of this run replaced by their names."""
    for value, name in sorted(names.items(), key=lambda pair: -len(pair[0])):
        text = text.replace(value, name)
    return text


def _field(name: str, value: Any, inside: str) -> Any:
    mask = MASKED_WHERE.get((inside, name)) or MASKED_FIELDS.get(name)
    if mask is None and name.endswith(TIME_SUFFIX):
        mask = "<time>"
    if name in MASKED_TIMES and isinstance(value, str):
        return _TIME.sub("<time>", value)
    if name in MASKED_NUMBERS and isinstance(value, str):
        return _DATA_NUMBER.sub("data-<id>-", value)
    if name == "id" and (isinstance(value, int) or _is_uuid(value)):
        mask = "<id>"
    if mask is None or (value is None and mask != "<load>"):
        return masked(value, name if isinstance(value, dict | list) else inside)
    match value:
        case dict():
            return dict.fromkeys(value, mask)
        case list():
            return [mask] * len(value)
        case _:
            return mask


def _text(value: str) -> str:
    if len(value) > _LONGEST:
        return f"{value[:_SHOWN]}... ({len(value)} characters)"
    return _MESSAGE_SIZE.sub("a message of <size> bytes", _XML_DATE.sub(r"\1<time>", value))


def _is_uuid(value: Any) -> bool:
    return isinstance(value, str) and _UUID.match(value) is not None
