"""Masks of values that differ from run to run, by the name of their field.

A masked value is replaced by the name of its mask: its presence, and that it is not null, is still
compared.
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
"""Suffix of the names of columns and fields with the time of an event in this run."""

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
            "analysed_packet", "audit_id", "correlation_id", "data_id", "dead_letter_id",
            "fault_id", "last_packet", "notice_id", "outbox_id", "packet_id", "transfer_id",
        ),
        "<id>",
    ),
    **dict.fromkeys(("sha256", "ETag"), "<sha256>"),
    "Content-Range": "<range>",
}  # fmt: skip
"""Mask of each field that differs wherever it occurs. Ids are row numbers and UUIDs.

Checksums are masked because products contain their time, and because simulated files contain
floating-point numbers whose last digits may differ between machines.
"""

MASKED_TIMES: tuple[str, ...] = ("next",)
"""Fields with texts that contain a time: only the time is masked."""

MASKED_NUMBERS: tuple[str, ...] = ("chain", "message_id")
"""Fields with texts that may contain the number of a data file, which depends on the arrival."""

MASKED_WHERE: Mapping[tuple[str, str], str] = {
    **dict.fromkeys((("outbox", name) for name in ("due_at", "failures", "told")), "<load>"),
    ("steps", "key"): "<sha256>",
    ("kept_answer", "claim"): "<id>",
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
"""Masks of fields that differ only inside an object or list of this name.

On a busy machine NATS may be slow, which postpones an announcement: then null is equivalent.
"""

_LONGEST = 20_000
"""Longest text that is kept whole, characters; the scenario makes a longer one."""
_SHOWN = 100
"""Characters that are kept of a longer text."""
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?|(?<==)\d{16}(?=~)")
_XML_DATE = re.compile(r"(<Date>)[^<]+")
"""The element of a VOEvent with the time of its creation."""
_MESSAGE_SIZE = re.compile(r"a message of \d+ bytes")
"""A message names its sender's process, whose number varies in length."""
_DATA_NUMBER = re.compile(r"^data-\d+-")
_UUID = re.compile(r"^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$")


def masked(value: Any, inside: str = "") -> Any:
    """Return a masked document; `inside` is the name of the enclosing field."""
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
