"""Every kind of announcement is the same in both forms as in version 0.1.0, character by character.

What has changed since then is in `as_now`.

`announced.json` was written by version 0.1.0: the rows that a small run left in its outbox, and the
messages that it published of them. It is never written again: installations hold such rows.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from eclgrmd.announce.envelope import Envelope
from eclgrmd.announce.relay import Relay
from eclgrmd.bus import Bus, Published
from eclgrmd.formats.notices.voevent import read_notice
from eclgrmd.hints import Hints
from eclgrmd.metrics import Metrics
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.messages.incoming import DataNotification, FileLink, TaskInput, TaskRequest
from eclgrmd.model.pipeline import PipelineOutcome, ProductFile, Summary
from eclgrmd.model.quicklook.updates import InstrumentUpdate, QuickLookUpdate
from eclgrmd.model.rest import API
from eclgrmd.model.result import Duration, Width
from eclgrmd.model.task import TaskState
from eclgrmd.store.intake.data import DataFile, record_data
from eclgrmd.store.intake.dead_letters import bury_announcement
from eclgrmd.store.intake.faults import record_fault
from eclgrmd.store.intake.notifications import record_notification
from eclgrmd.store.intake.outbox import fresh_announcements
from eclgrmd.store.quicklook.bursts import due_bursts, record_update
from eclgrmd.store.quicklook.inbox import record_notice, record_packet
from eclgrmd.store.quicklook.products import due_products, record_quick_look_products
from eclgrmd.store.sql.database import Database
from eclgrmd.store.tasks.claims import claim_task
from eclgrmd.store.tasks.endings import finish_task, give_back_task
from eclgrmd.store.tasks.tasks import cancel_task, submit_task
from eclgrmd.store.tasks.versions import Version
from tests.support.quicklook.packets import box_sequence, notice
from tests.support.settings import live

KEPT = Path(__file__).with_name("announced.json")
FILES = (
    ProductFile("result.json", "result", "application/json", 10, "0" * 64),
    ProductFile("light curve.png", "figure", "image/png", 11, "1" * 64),
)
OUTCOME = PipelineOutcome(
    products=FILES,
    summary=Summary(
        instrument="GRM", t90_s=3.1, t90_err_minus_s=0.1, t0_utc="2027-02-21T17:00:00Z"
    ),
    elapsed_s=1.0,
)
WIDTH = Width(5.25, 1.0, 1.5, 0.0, 5.25)
DOUBT = Flag(FlagCode.STRAY_PACKETS, subject="packet GRM light_curve 1")
LOOK = QuickLookUpdate(
    burst_id="sb.2", t0_utc="2026-01-01T00:00:00Z", t0_met_s=0.0, packets=1, missing=0,
    newest_met_s=0.0, reference="GRM", flags=(DOUBT,),
    instruments=(
        InstrumentUpdate(
            instrument="GRM", progress="quiet", until_s=1.0, bins=9,
            duration=Duration("GRM", ("GRD01",), (15.0, 5000.0), "", WIDTH, WIDTH, ()),
            hardness=None, peak_rates=(), restarts=0,
        ),
    ),
)  # fmt: skip
CREATED = datetime(2019, 1, 18, 10, 31, 22)  # noqa: DTZ001 - UTC, as in the tables
URL = "http://127.0.0.1:1"
SETTINGS = live(service={"links": ["default"]}, rest={"public_url": URL})


class Listener:
    """Replaces NATS and accepts everything."""

    connected = True

    def __init__(self) -> None:
        self.heard: list[list[str]] = []

    async def publish(self, subject: str, payload: bytes, message_id: str) -> Published:
        self.heard.append([subject, message_id, payload.decode()])
        return Published("", 0, duplicate=False)


async def publish(database: Database) -> list[list[str]]:
    """Publish the outbox and return subject, message id and text of each message, sorted."""
    listener = Listener()
    relay = Relay(
        database,
        cast("Bus", listener),
        Hints(),
        Envelope(SETTINGS, CREATED),
        subject="activity.eclgrm",
        settings=SETTINGS,
        metrics=Metrics(),
    )
    while await relay.publish_batch():
        pass
    return sorted(
        [subject, name, masked(text, "software")] for subject, name, text in listener.heard
    )


def masked(text: str, *names: str) -> str:
    """Replace the values of volatile fields by a star, and keep the order of fields."""

    def mask(found: dict[str, Any]) -> dict[str, Any]:
        return {name: "*" if name in names else value for name, value in found.items()}

    return json.dumps(json.loads(text, object_pairs_hook=lambda pairs: mask(dict(pairs))))


def as_now(published: list[list[str]]) -> list[list[str]]:
    """Return messages as of today: links lead behind `API`, products have a state of figures."""

    def text_of(text: str) -> str:
        message = json.loads(text.replace(f"{URL}/", f"{URL}{API}/"))
        if message.get("version") == "1.0":
            message["version"] = "1.1"
        if message.get("schema") == "eclgrm.products":
            message |= {"figures": "none", "reason": ""}
        return json.dumps(message)

    return [[subject, name, text_of(text)] for subject, name, text in published]


async def happen(database: Database) -> None:
    """Cause every kind of announcement."""
    await receive_data(database)
    await run_tasks(database)
    await look_at_packets(database)
    for number in "78":
        async with database.transaction() as transaction:
            record_fault(
                transaction, subject="data.bandx", message_id=number, received=b"\xffno", reason="?"
            )
    async with database.transaction() as transaction:
        (*_, fault) = await fresh_announcements(transaction, 100)
        bury_announcement(transaction, fault, "too large")


async def receive_data(database: Database) -> None:
    async with database.transaction() as transaction:
        links = tuple(FileLink(name, f"http://x/{name}", 1, name * 64) for name in "ab")
        for number in ("n-1", "n-2"):
            await record_notification(transaction, DataNotification(number, "sb.1", links))
        await record_data(
            transaction, DataFile("sb.1", "a", "a" * 64, 1, "a", "", "events", "GRM", {"x": 1})
        )
        await record_data(transaction, DataFile("sb.1", "b", "b" * 64, 1, "b", "not FITS: /0"))


async def run_tasks(database: Database) -> None:
    series = "temporal-GRM"
    ordered = [
        ("sent", Version()),
        ("v1", Version(series, 1, "ECL missing")),
        ("v3", Version(series, 3)),
        ("v2", Version(series, 2)),
        ("lost", Version()),
        ("fails", Version()),
    ]
    for name, version in ordered:
        async with database.transaction() as transaction:
            request = TaskRequest(name, "sb.1", (TaskInput("a"),))
            await submit_task(transaction, request, version=version)
        async with database.transaction() as transaction:
            claim = await claim_task(transaction, "me")
            assert claim is not None
            assert claim.task_id == name
        async with database.transaction() as transaction:
            if name == "lost":
                await give_back_task(transaction, claim, TaskState.QUEUED, "stopped")
                await cancel_task(transaction, name, "enough")
            elif name == "fails":
                await give_back_task(transaction, claim, TaskState.FAILED, "no burst", fault=True)
            else:
                await finish_task(transaction, claim, OUTCOME, "x")


async def look_at_packets(database: Database) -> None:
    retraction = notice(219, "retraction", "2027-02-21T17:00:00", "sb.2")
    revival = notice(204, "slewing", "2027-02-21T17:10:00", "sb.2")
    packets = [sent.packet for sent in box_sequence(1.0, 9.0, 500.0, burst_id="sb.2")]
    async with database.transaction() as transaction:
        await record_packet(transaction, packets[0], 60.0)
        (due,) = await due_bursts(transaction, 10)
        await record_update(transaction, due, LOOK, due.last_packet)
        (products,) = await due_products(transaction, 10)
        await record_quick_look_products(transaction, products, FILES, "x", 0.0)
        await record_notice(transaction, read_notice(retraction), retraction, 60.0)
        await record_notice(transaction, read_notice(revival), revival, 60.0)


async def test_rows_that_version_0_1_0_left_unsent_are_published_as_it_would_have(
    database: Database,
) -> None:
    kept = json.loads(KEPT.read_text())
    async with database.transaction() as transaction:
        for row in kept["rows"]:
            transaction.later(
                "INSERT INTO outbox (message_id, chain, activity, note, detail, created_at) VALUES "
                "(%(message_id)s, %(chain)s, %(activity)s, %(note)s, %(detail)s, %(created_at)s)",
                **row,
            )
    assert await publish(database) == as_now(kept["published"])


async def test_what_happens_now_is_published_in_the_same_words(database: Database) -> None:
    await happen(database)
    changing = ("at", "date", "summary", "headline")
    before, now = (
        [(subject, name, masked(text, *changing)) for subject, name, text in published]
        for published in (
            as_now(json.loads(KEPT.read_text())["published"]),
            await publish(database),
        )
    )
    assert now == before


async def test_an_announcement_is_written_once_for_both_forms(database: Database) -> None:
    await happen(database)
    async with database.reading() as reading:
        rows = await reading.values(str, "SELECT message_id FROM outbox WHERE detail IS NOT NULL")
    assert rows == []
