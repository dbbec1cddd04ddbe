"""Due bursts are found without reading the bursts and packets of many years."""

from datetime import datetime

from eclgrmd.clock import utc_now
from eclgrmd.store.quicklook.bursts import due_bursts
from eclgrmd.store.quicklook.inbox import record_packet
from eclgrmd.store.quicklook.products import due_products
from eclgrmd.store.quicklook.retention import clean_packets, quick_look_bytes
from eclgrmd.store.sql.database import Database
from eclgrmd.store.sql.transaction import Transaction
from tests.support.quicklook.packets import box_sequence

_BURSTS = 1000


async def scanned(transaction: Transaction) -> int:
    """Return the number of rows that were read by full table scans."""
    row = await transaction.row(dict, "SHOW SESSION STATUS LIKE 'Handler_read_rnd_next'")
    return int(row["Value"]) if row else 0


async def have_years(database: Database) -> None:
    """Create final bursts whose updates are all announced."""
    async with database.transaction() as transaction:
        await transaction.insert_all(
            "INSERT INTO burst (burst_id, created_at) VALUES (%(burst)s, NOW(6))",
            [{"burst": f"b{number}"} for number in range(_BURSTS)],
        )
        transaction.later(
            "INSERT INTO vhf (burst_id, state, reason, silent_at, changed_at, last_packet, "
            "analysed_packet, newest, announced_update, announced, produced, packet_bytes, "
            "packet_at) SELECT burst_id, 'final', '', NOW(6), NOW(6), 5, 5, REPEAT('x', 4000), "
            "REPEAT('x', 4000), 2, 2, 100, NOW(6) FROM burst"
        )


async def test_no_table_is_gone_through_for_what_is_due_or_kept(database: Database) -> None:
    await have_years(database)
    async with database.transaction() as transaction:
        before = await scanned(transaction)
        assert await due_bursts(transaction, 200) == []
        assert await due_products(transaction, 20) == []
        assert await quick_look_bytes(transaction) == 100 * _BURSTS
        assert await clean_packets(transaction, datetime(2020, 1, 1)) == 0  # noqa: DTZ001 - UTC
        assert await scanned(transaction) - before < _BURSTS / 2


async def test_the_size_of_packets_is_counted_as_they_come_and_go(database: Database) -> None:
    async with database.transaction() as transaction:
        for sent in box_sequence(1.0, 9.0, 500.0, burst_id="sb1")[:5]:
            for _ in range(2):
                await record_packet(transaction, sent.packet, 60.0)
        row = await transaction.row(dict, "SELECT SUM(LENGTH(body)) AS bytes FROM packet")
        assert row is not None
        assert row["bytes"] > 0
        assert await quick_look_bytes(transaction) == row["bytes"]
        assert await clean_packets(transaction, utc_now()) == 0
        transaction.later("UPDATE vhf SET state = 'final'")
        assert await clean_packets(transaction, utc_now()) == row["bytes"]
        assert await quick_look_bytes(transaction) == 0
        assert await transaction.rows(dict, "SELECT packet_id FROM packet") == []
