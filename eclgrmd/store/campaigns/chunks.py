"""Table `campaign_chunk`: the ledger, in which each result counts once."""

import base64
import zlib
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from msgspec import Struct

from eclgrmd.clock import utc_now
from eclgrmd.errors import PermanentError
from eclgrmd.model.campaign import Chunk, ChunkOutcome, Item
from eclgrmd.store.sql.transaction import Transaction

__all__ = [
    "Part",
    "SentChunk",
    "add_chunks",
    "computed_part",
    "count_outcome",
    "count_reused",
    "next_chunk",
    "parts",
    "put_back",
    "take_back",
]

_LONGEST_REASON = 10_000
"""Most characters of the reason of a failure."""


class SentChunk(NamedTuple):
    """A chunk that a run has claimed, and which submission this is."""

    chunk: Chunk
    """The chunk."""
    attempt: int
    """Number of the submission, from 1: the fence of its result."""


class Part(Struct, frozen=True):
    """Where the results of a chunk are."""

    number: int
    """Number of the chunk."""
    chunk_key: str
    """Checksum of everything that the results depend on."""
    part_sha256: str
    """Checksum of the file; empty: no burst has a result."""
    folder: str = ""
    """Folder of the campaign that computed it; empty: not asked for."""
    measured: int = 0
    """Number of results."""


class _Row(Struct, frozen=True):
    number: int
    configuration: int
    chunk_key: str
    content: str
    attempts: int


async def add_chunks(transaction: Transaction, campaign_id: str, chunks: Sequence[Chunk]) -> None:
    """Add chunks of a campaign."""
    await transaction.insert_all(
        "INSERT INTO campaign_chunk (campaign_id, number, configuration, chunk_key, items, "
        "content, state) VALUES (%(campaign)s, %(number)s, %(configuration)s, %(key)s, "
        "%(items)s, %(content)s, 'waiting')",
        [
            {
                "campaign": campaign_id,
                "number": chunk.number,
                "configuration": chunk.configuration,
                "key": chunk.key,
                "items": len(chunk.items),
                "content": _packed(chunk.items),
            }
            for chunk in chunks
        ],
    )


async def next_chunk(transaction: Transaction, campaign_id: str, run: int) -> SentChunk | None:
    """Claim the next waiting chunk for a run; None if none is waiting, or another run took over."""
    row = await transaction.row(
        _Row,
        "SELECT c.number, c.configuration, c.chunk_key, c.content, c.attempts "
        "FROM campaign_chunk c JOIN campaign USING (campaign_id) "
        "WHERE c.campaign_id = %(id)s AND c.state = 'waiting' "
        "AND campaign.run = %(run)s AND campaign.state = 'running' "
        "ORDER BY c.number LIMIT 1 FOR UPDATE",
        id=campaign_id,
        run=run,
    )
    if row is None:
        return None
    transaction.later(
        "UPDATE campaign_chunk SET state = 'sent', run = %(run)s, attempts = attempts + 1 "
        "WHERE campaign_id = %(id)s AND number = %(number)s",
        id=campaign_id,
        run=run,
        number=row.number,
    )
    chunk = Chunk(row.number, row.configuration, row.chunk_key, _unpacked(row.content))
    return SentChunk(chunk, row.attempts + 1)


async def put_back(
    transaction: Transaction, campaign_id: str, run: int, sent: SentChunk, reason: str
) -> None:
    """Return a submission that came to nothing to the waiting chunks, unless it is outdated."""
    await transaction.execute(
        "UPDATE campaign_chunk SET state = 'waiting', reason = %(reason)s "
        "WHERE campaign_id = %(id)s AND number = %(number)s AND state = 'sent' "
        "AND run = %(run)s AND attempts = %(attempt)s",
        id=campaign_id,
        number=sent.chunk.number,
        run=run,
        attempt=sent.attempt,
        reason=reason[:_LONGEST_REASON],
    )


async def take_back(transaction: Transaction, campaign_id: str, run: int) -> None:
    """Return all chunks of a run to the waiting ones, when its engine is gone."""
    await transaction.execute(
        "UPDATE campaign_chunk SET state = 'waiting' "
        "WHERE campaign_id = %(id)s AND run = %(run)s AND state = 'sent'",
        id=campaign_id,
        run=run,
    )


async def count_outcome(
    transaction: Transaction,
    campaign_id: str,
    run: int,
    sent: SentChunk,
    outcome: ChunkOutcome,
    part_sha256: str,
) -> bool:
    """Count the outcome of a submission; return False, and change nothing, if it is outdated.

    It is outdated when the chunk has counted already, was submitted again, or belongs to a newer
    run: what comes twice, or late, counts once.
    """
    counted = await transaction.execute(
        "UPDATE campaign_chunk SET state = 'done', measured = %(measured)s, failed = %(failed)s, "
        "cpu_s = %(cpu_s)s, worker = %(worker)s, part_sha256 = %(part)s, reason = '', "
        "reused = 0, ended_at = %(now)s "
        "WHERE campaign_id = %(id)s AND number = %(number)s AND state = 'sent' "
        "AND run = %(run)s AND attempts = %(attempt)s",
        id=campaign_id,
        number=sent.chunk.number,
        run=run,
        attempt=sent.attempt,
        measured=outcome.measured,
        failed=len(outcome.failures),
        cpu_s=outcome.cpu_s,
        worker=outcome.worker[:255],
        part=part_sha256,
        now=utc_now(),
    )
    if counted and outcome.failures:
        await transaction.insert_all(
            "INSERT INTO campaign_failure (campaign_id, number, item, burst_id, kind, reason) "
            "VALUES (%(campaign)s, %(number)s, %(item)s, %(burst)s, %(kind)s, %(reason)s)",
            [
                {
                    "campaign": campaign_id,
                    "number": sent.chunk.number,
                    "item": each.item,
                    "burst": each.burst_id,
                    "kind": each.kind.value,
                    "reason": each.reason[:_LONGEST_REASON],
                }
                for each in outcome.failures
            ],
        )
    return bool(counted)


async def computed_part(transaction: Transaction, sent: SentChunk) -> Part | None:
    """Return the results of the same chunk in another campaign, if all its bursts have one."""
    return await transaction.row(
        Part,
        "SELECT c.number, c.chunk_key, c.part_sha256, c.measured, "
        "JSON_UNQUOTE(JSON_EXTRACT(campaign.content, '$.folder')) AS folder "
        "FROM campaign_chunk c JOIN campaign USING (campaign_id) "
        "WHERE c.chunk_key = %(key)s AND c.state = 'done' AND c.failed = 0 "
        "AND c.part_sha256 <> '' ORDER BY c.ended_at DESC LIMIT 1",
        key=sent.chunk.key,
    )


async def count_reused(
    transaction: Transaction, campaign_id: str, run: int, sent: SentChunk, part: Part
) -> bool:
    """Count the results that another campaign computed; return False if that is outdated."""
    outcome = ChunkOutcome(measured=part.measured)
    counted = await count_outcome(transaction, campaign_id, run, sent, outcome, part.part_sha256)
    if counted:
        await transaction.execute(
            "UPDATE campaign_chunk SET reused = 1 "
            "WHERE campaign_id = %(id)s AND number = %(number)s",
            id=campaign_id,
            number=sent.chunk.number,
        )
    return counted


async def parts(transaction: Transaction, campaign_id: str) -> list[Part]:
    """Return the results of all chunks that have counted, in the order of the campaign."""
    return await transaction.rows(
        Part,
        "SELECT number, chunk_key, part_sha256, measured FROM campaign_chunk "
        "WHERE campaign_id = %(id)s AND state = 'done' AND part_sha256 <> '' ORDER BY number",
        id=campaign_id,
    )


def _packed(items: tuple[Item, ...]) -> str:
    return base64.b64encode(zlib.compress(msgspec.msgpack.encode(items))).decode("ascii")


def _unpacked(content: str) -> tuple[Item, ...]:
    try:
        plain = zlib.decompress(base64.b64decode(content))
        return msgspec.msgpack.decode(plain, type=tuple[Item, ...])
    except (ValueError, zlib.error) as error:
        raise PermanentError(f"a chunk of the ledger cannot be read: {error}") from error
