"""The schema is the result of all migrations, applied to an empty database."""

import pytest

from eclgrmd.errors import FatalError
from eclgrmd.model.rest.queries import BurstQuery
from eclgrmd.store.intake.burst_lists import bursts
from eclgrmd.store.sql import migrate as module
from eclgrmd.store.sql.database import Database
from eclgrmd.store.sql.migrate import migrate, migrations

DOCUMENTED = {
    "audit": "audit_id at who token_id address action subject before_change after_change",
    "aging": "one aged_until clock_showed",
    "burst": "burst_id t0_utc t0_met_s created_at trigger_utc expected plan_at ask_at asked "
    "ask_reason t0_us instrument t90_s epeak_kev fluence_erg class claimed_by claimed_at "
    "claim_note record_task record_by record_at record_reason stream significance",
    "decision": "decision_id burst_id kind task_id who reason at",
    "campaign": "campaign_id state run created_at ended_at content",
    "campaign_chunk": "campaign_id number configuration chunk_key items content state run attempts "
    "measured failed reused cpu_s worker part_sha256 reason ended_at",
    "campaign_failure": "campaign_id number item burst_id kind reason",
    "data_file": "data_id burst_id name sha256 size path state reason kind instrument description "
    "received_at cleaned_at",
    "kept_answer": "answer_key claim owner claimed_at at request_size request_sha256 status "
    "headers body",
    "notice": "notice_id burst_id digest ivorn notice payload received_at",
    "packet": "packet_id burst_id digest kind instrument number time_s body received_at",
    "vhf": "burst_id state reason t0_met_s notices changes last_packet told analysed_packet "
    "analysed_told version newest announced announced_update produced proc_ver produce_at "
    "silent_at changed_at packet_bytes packet_at",
    "vhf_update": "burst_id version why body at",
    "packet_aside": "packet_id burst_id kind instrument number cause reason at",
    "vhf_doubt": "burst_id good bad failures at",
    "vhf_product": "burst_id proc_ver name version kind media_type size sha256 path created_at "
    "cleaned_at",
    "vhf_comparison": "burst_id task_id body at",
    "dead_letter": "dead_letter_id message_id activity note detail reason created_at buried_at",
    "fault": "fault_id subject reason received at",
    "token": "number token_id secret_sha256 name role parent created_at created_by expires_at "
    "revoked_at used_at",
    "transfer": "transfer_id notification_id burst_id name url size sha256 state attempts reason "
    "owner due_at waited_s",
    "notification": "notification_id burst_id payload received_at",
    "outbox": "outbox_id message_id activity note created_at published_at detail reason "
    "chain failures due_at told",
    "probe": "owner beats at",
    "product": "task_id name burst_id kind media_type size sha256 path created_at cleaned_at",
    "schema_version": "version name applied_at",
    "study": "task_id kind state number seed run faults progress owner renewals reason asked_at "
    "ended_at",
    "task": "task_id burst_id analysis state reason priority turn_at request attempts faults "
    "changes owner renewals due_at created_at started_at finished_at summary "
    "series proc_ver incomplete superseded_by figures figures_reason figures_asked_at drawings",
    "task_change": "task_id number state reason at",
    "task_input": "task_id position name sha256",
    "task_log": "task_id attempt number line",
}


async def test_all_migrations_from_empty_give_the_documented_schema(empty: Database) -> None:
    await migrate(empty)
    async with empty.transaction() as transaction:
        rows = await transaction.rows(
            dict,
            "SELECT table_name AS t, column_name AS c FROM information_schema.columns "
            "WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position",
        )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["t"], []).append(row["c"])
    assert {table: " ".join(columns) for table, columns in found.items()} == DOCUMENTED


async def test_migrating_twice_changes_nothing(empty: Database) -> None:
    assert await migrate(empty) == await migrate(empty) == migrations()[-1][0]


async def test_a_schema_from_the_future_is_refused(empty: Database) -> None:
    await migrate(empty)
    async with empty.transaction() as transaction:
        await transaction.execute(
            "INSERT INTO schema_version (version, name, applied_at) VALUES (9999, 'x', NOW(6))"
        )
    with pytest.raises(FatalError, match="schema 9999, this eclgrmd knows only"):
        await migrate(empty)


def test_migrations_are_numbered_without_gaps() -> None:
    numbers = [number for number, _, _ in migrations()]
    assert numbers == list(range(1, len(numbers) + 1))


async def test_bursts_of_an_earlier_version_have_their_results_in_lists(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(module, "migrations", lambda: migrations()[:17])
        await migrate(empty)
    summary = (
        '{"t90_s": 3.5, "instrument": "GRM", "fluence_erg": null, '
        '"parameters": {"epeak_kev": [300.25, null, 1.0]}}'
    )
    async with empty.transaction() as transaction:
        for burst, t0, trigger in (
            ("a", "1970-01-01T00:00:01.250000Z", None),
            ("b", None, "1970-01-01T00:00:02Z"),
            ("c", None, "2026-02-30T00:00:00Z"),
            ("d", None, None),
        ):
            transaction.later(
                "INSERT INTO burst (burst_id, t0_utc, trigger_utc, created_at) "
                "VALUES (%(burst)s, %(t0)s, %(trigger)s, NOW(6))",
                burst=burst,
                t0=t0,
                trigger=trigger,
            )
        for task, at, found in (
            ("old", "2026-01-01", '{"t90_s": 1.0}'),
            ("new", "2026-01-02", summary),
        ):
            transaction.later(
                "INSERT INTO task (task_id, burst_id, analysis, state, reason, priority, request, "
                "due_at, created_at, finished_at, summary) VALUES (%(task)s, 'a', 'burst', 'done', "
                "'', 0, '{}', NOW(6), NOW(6), %(at)s, %(found)s)",
                task=task,
                at=at,
                found=found,
            )
    await migrate(empty)
    async with empty.reading() as reading:
        lines = await bursts(reading, BurstQuery())
    assert [each.t0_us for each in lines] == [1_250_000, 2_000_000, None, None]
    first = lines[0]
    assert (first.t90_s, first.epeak_kev, first.fluence_erg) == (3.5, 300.25, None)
    assert (first.instrument, first.burst_class, lines[1].t90_s) == ("GRM", None, None)
    assert [each.stream for each in lines] == ["xband", None, None, None]
