"""Accepted input fits into the columns; other input is refused before it reaches the database."""

import json
from contextlib import suppress
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eclgrmd.errors import InputError
from eclgrmd.formats.notices.voevent import read_notice
from eclgrmd.model.messages.incoming import DataNotification, TaskRequest, read_incoming
from eclgrmd.model.names import Instrument
from eclgrmd.store.intake.notifications import record_notification
from eclgrmd.store.quicklook.inbox import record_notice
from eclgrmd.store.sql.database import Database
from eclgrmd.store.tasks.tasks import TaskConflictError, submit_task

NAMES = st.sampled_from((1, 99, 100, 101, 199, 200, 201, 300, 1991, 2001)).map(
    lambda length: "x" * length
)
WHOLE = st.one_of(
    st.integers(), st.integers(0, 70).map(lambda power: 2**power), st.just(10**30), st.just(-1)
)
LINK = {
    "name": NAMES,
    "url": NAMES.map(lambda rest: f"http://h/{rest}"),
    "size": WHOLE,
}
IDS = {"id": NAMES, "burst_id": NAMES}
TIMES = st.sampled_from(("2026-01-01T00:00:00.123456789Z", "2026-01-01T00:00:00Z" + 30 * "0"))
TOLD = {"trigger_utc": TIMES, "expected": st.lists(st.sampled_from(Instrument), max_size=60)}
INPUTS = st.builds(
    lambda name, number: [{"name": f"{index}{name}"[:200]} for index in range(number)],
    NAMES,
    st.sampled_from((1, 3, 4, 1000, 1001)),
)
QUICK = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def some(**fields: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    """Draw a subset of the fields, with values."""
    return st.fixed_dictionaries({}, optional=fields)


async def record(database: Database, message: dict[str, object]) -> None:
    """Store a message as the daemon does; only the check before the database may refuse it."""
    try:
        incoming = read_incoming(json.dumps(message).encode())
    except InputError:
        return
    with suppress(InputError, TaskConflictError):  # an id was drawn again; no column raises these
        async with database.transaction() as transaction:
            if isinstance(incoming, DataNotification):
                await record_notification(transaction, incoming)
            elif isinstance(incoming, TaskRequest):
                await submit_task(transaction, incoming)


@QUICK
@given(changes=some(**IDS, **TOLD), link=some(**LINK))
async def test_a_notification_that_is_taken_in_fits_the_columns(
    database: Database, changes: dict[str, object], link: dict[str, object]
) -> None:
    file = {"name": "a", "url": "http://h/a", "size": 1, "sha256": "0" * 64, **link}
    message = {"type": "data", "id": uuid4().hex, "burst_id": "b", "files": [file], **changes}
    await record(database, message)


@QUICK
@given(changes=some(**IDS, inputs=INPUTS, rerun_of=NAMES))
async def test_a_task_that_is_taken_in_fits_the_columns(
    database: Database, changes: dict[str, object]
) -> None:
    base = {"type": "task", "id": uuid4().hex, "burst_id": "b", "inputs": [{"name": "a"}]}
    await record(database, {**base, **changes})


@QUICK
@given(name=NAMES, burst_id=st.sampled_from(("b", "b" * 100)), kind=st.sampled_from((0, 201)))
async def test_a_notice_that_is_taken_in_fits_the_columns(
    database: Database, name: str, burst_id: str, kind: int
) -> None:
    text = f"""<?xml version="1.0"?>
<voe:VOEvent xmlns:voe="http://www.ivoa.net/xml/VOEvent/v2.0" role="{name}" version="2.0"
 ivorn="ivo://org.svom/fsc#{burst_id}_{name}"><Who><Date>2026-01-01T00:00:30</Date></Who>
<What><Param name="Packet_Type" value="{kind}"/><Param name="Instrument" value="{name}"/>
<Group name="Svom_Identifiers"><Param name="Burst_Id" value="{burst_id}"/></Group></What>
</voe:VOEvent>""".encode()
    notice = read_notice(text)
    async with database.transaction() as transaction:
        await record_notice(transaction, notice, text, 60.0)
