"""Messages are read strictly, and written as the founding document has them."""

import json
import locale
from datetime import datetime

import jsonschema
import msgspec
import pytest

from eclgrmd.errors import InputError
from eclgrmd.model.messages.founding import Descriptor, ServiceMessage, founding_date
from eclgrmd.model.messages.incoming import (
    DataNotification,
    TaskRequest,
    read_incoming,
    read_task,
    schemas,
)

FOUNDING = (
    '{"descriptor": {"name": "IAP/LUPM-ECLGRM-ANALYSIS", "uri": "svom://sgs.iap-lupm.com", '
    '"instrument": "ECLAIR", "mode": "CoreProgram", "creation_date": "Friday 18 January 2019 '
    '10:31:22", "version": "0", "links": ["default"]}, "activity": null, "date": "Friday 18 '
    'January 2019 10:33:16", "info": "Service eclgrm is ready"}'
)
TASK = {"id": "t1", "burst_id": "sb26112201", "inputs": [{"name": "a.fits"}]}


def test_the_service_status_is_the_founding_message_to_the_letter() -> None:
    descriptor = Descriptor(
        name="IAP/LUPM-ECLGRM-ANALYSIS",
        uri="svom://sgs.iap-lupm.com",
        instrument="ECLAIR",
        mode="CoreProgram",
        creation_date=founding_date(datetime(2019, 1, 18, 10, 31, 22)),  # noqa: DTZ001 - UTC
        version="0",
        links=("default",),
    )
    date = founding_date(datetime(2019, 1, 18, 10, 33, 16))  # noqa: DTZ001 - UTC, as in the tables
    message = ServiceMessage(descriptor, None, date, "Service eclgrm is ready")
    written = json.loads(msgspec.json.encode(message))
    assert json.dumps(written) == FOUNDING  # same order of fields too


def test_dates_are_english_whatever_the_locale() -> None:
    before = locale.setlocale(locale.LC_TIME)
    try:
        locale.setlocale(locale.LC_TIME, "C.UTF-8")
        assert founding_date(datetime(2026, 11, 2, 1, 2, 3)) == "Monday 02 November 2026 01:02:03"  # noqa: DTZ001 - UTC
    finally:
        locale.setlocale(locale.LC_TIME, before)


def test_a_task_needs_no_type_where_only_tasks_are_taken() -> None:
    assert read_task(json.dumps(TASK).encode()).id == "t1"


def test_both_kinds_of_incoming_messages_are_told_apart() -> None:
    task = read_incoming(json.dumps({"type": "task", **TASK}).encode())
    assert isinstance(task, TaskRequest)
    link = {"name": "a.fits", "url": "http://tts/a.fits", "size": 3, "sha256": "0" * 64}
    data = {"type": "data", "id": "n1", "burst_id": "sb1", "files": [link]}
    assert isinstance(read_incoming(json.dumps(data).encode()), DataNotification)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"type": "jobs"}, r"Invalid value 'jobs' - at `/type` \(allowed: data, rerun, task\)"),
        ({"extra": 1}, "unknown field `extra`.*allowed: analysis, burst_id"),
        ({"burst_id": "../etc"}, r"at `/burst_id`"),
        ({"inputs": []}, r"length >= 1 - at `/inputs`"),
        ({"inputs": [{"name": "../a"}]}, r"at `/inputs/0/name`"),
        ({"analysis": "x"}, "allowed: burst, spectral, temporal"),
        ({"configuration": {"spectral": {"models": ["bnd"]}}}, "allowed: band, band\\+bb"),
        ({"configuration": {"background": {"mode": "intervals"}}}, "intervals_s is empty"),
        ({"configuration": {"duration": {"band_kev": [9, 5]}}}, "band_kev is 9.0, 5.0"),
    ],
)
def test_a_wrong_message_is_told_where_and_what_would_be_right(
    change: dict[str, object], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        read_incoming(json.dumps({"type": "task", **TASK, **change}).encode())


@pytest.mark.parametrize("payload", [b"", b"nope", b"\xff\xfe", b"[]", b"null", b'{"type":1}'])
def test_what_is_no_message_is_an_input_error(payload: bytes) -> None:
    with pytest.raises(InputError):
        read_incoming(payload)


def test_the_schemas_are_json_schemas_that_take_what_we_take() -> None:
    found = schemas()
    for schema in found.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate({"type": "task", **TASK}, found["TaskRequest"])
    jsonschema.validate(json.loads(FOUNDING), found["ServiceMessage"])
