"""Table `campaign`: what was asked for, and which run may work on it."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from eclgrmd.clock import utc_now
from eclgrmd.errors import InputError
from eclgrmd.model.campaign import Campaign, CampaignState, FailureKind, ItemFailure, Progress
from eclgrmd.store.sql.transaction import Transaction

__all__ = [
    "add_campaign",
    "begin_run",
    "campaign",
    "campaign_names",
    "campaign_state",
    "cancel_campaign",
    "end_run",
    "failures",
    "progress",
]


class _Row(Struct, frozen=True):
    state: CampaignState
    content: str


class _Counts(Struct, frozen=True):
    chunks: int
    items: int
    measured: int
    failed: int
    reused: int
    done: int
    sent: int
    resubmitted: int
    compute_s: float


class _Failure(Struct, frozen=True):
    item: int
    burst_id: str
    kind: FailureKind
    reason: str


async def add_campaign(transaction: Transaction, wanted: Campaign) -> None:
    """Add a campaign; its chunks are added in the same transaction.

    Raises
    ------
    InputError
        If there is one of this name.
    """
    known = await transaction.value(
        int, "SELECT COUNT(*) FROM campaign WHERE campaign_id = %(id)s", id=wanted.campaign_id
    )
    if known:
        raise InputError(
            f"there is a campaign {wanted.campaign_id} already: choose another name, or restart "
            "that one"
        )
    await transaction.execute(
        "INSERT INTO campaign (campaign_id, state, created_at, content) "
        "VALUES (%(id)s, %(state)s, %(now)s, %(content)s)",
        id=wanted.campaign_id,
        state=CampaignState.PLANNED,
        now=utc_now(),
        content=msgspec.json.encode(wanted).decode(),
    )


async def campaign_names(transaction: Transaction) -> list[str]:
    """Return the names of all campaigns, the newest first."""
    return await transaction.values(
        str, "SELECT campaign_id FROM campaign ORDER BY created_at DESC, campaign_id"
    )


async def campaign(transaction: Transaction, campaign_id: str) -> tuple[Campaign, CampaignState]:
    """Return what was asked for, and the state.

    Raises
    ------
    InputError
        If there is no campaign of this name.
    """
    row = await transaction.row(
        _Row,
        "SELECT state, content FROM campaign WHERE campaign_id = %(id)s",
        id=campaign_id,
    )
    if row is None:
        known = ", ".join((await campaign_names(transaction))[:10]) or "there is none"
        raise InputError(f"no campaign {campaign_id}: must be one of the ledger ({known})")
    return msgspec.json.decode(row.content, type=Campaign), row.state


async def campaign_state(transaction: Transaction, campaign_id: str, run: int) -> CampaignState:
    """Return the state for a run; cancelled also if a newer run has taken over, or none is left."""
    found = await transaction.value(
        CampaignState,
        "SELECT state FROM campaign WHERE campaign_id = %(id)s AND run = %(run)s",
        id=campaign_id,
        run=run,
    )
    return found or CampaignState.CANCELLED


async def begin_run(
    transaction: Transaction, campaign_id: str, *, failed_again: bool = False
) -> int:
    """Begin a run, which ends the right of all earlier ones, and return its number.

    Chunks that earlier runs had sent are sent again, and with `failed_again` those in which a burst
    failed.
    """
    await transaction.execute(
        "UPDATE campaign SET run = run + 1, state = %(state)s, ended_at = NULL "
        "WHERE campaign_id = %(id)s",
        id=campaign_id,
        state=CampaignState.RUNNING,
    )
    transaction.later(
        "UPDATE campaign_chunk SET state = 'waiting' WHERE campaign_id = %(id)s AND state = 'sent'",
        id=campaign_id,
    )
    if failed_again:
        transaction.later("DELETE FROM campaign_failure WHERE campaign_id = %(id)s", id=campaign_id)
        transaction.later(
            "UPDATE campaign_chunk SET state = 'waiting', attempts = 0, measured = 0, failed = 0, "
            "cpu_s = 0 WHERE campaign_id = %(id)s AND state = 'done' AND failed > 0",
            id=campaign_id,
        )
    run = await transaction.value(
        int, "SELECT run FROM campaign WHERE campaign_id = %(id)s", id=campaign_id
    )
    return run or 0


async def end_run(transaction: Transaction, campaign_id: str, run: int) -> CampaignState:
    """End a run: done if every chunk has counted, else planned, unless it was cancelled."""
    await transaction.execute(
        "UPDATE campaign SET ended_at = %(now)s, state = IF(EXISTS (SELECT 1 FROM campaign_chunk c "
        "WHERE c.campaign_id = %(id)s AND c.state <> 'done'), 'planned', 'done') "
        "WHERE campaign_id = %(id)s AND run = %(run)s AND state = 'running'",
        id=campaign_id,
        run=run,
        now=utc_now(),
    )
    return await campaign_state(transaction, campaign_id, run)


async def cancel_campaign(transaction: Transaction, campaign_id: str) -> bool:
    """Cancel a campaign unless it has ended; return whether it was open."""
    return bool(
        await transaction.execute(
            "UPDATE campaign SET state = %(state)s, ended_at = %(now)s "
            "WHERE campaign_id = %(id)s AND state IN ('planned', 'running')",
            id=campaign_id,
            state=CampaignState.CANCELLED,
            now=utc_now(),
        )
    )


async def progress(transaction: Transaction, campaign_id: str) -> Progress:
    """Return the counts of a campaign.

    Raises
    ------
    InputError
        If there is no campaign of this name.
    """
    _, state = await campaign(transaction, campaign_id)
    counts = await transaction.row(
        _Counts,
        "SELECT COUNT(*) AS chunks, CAST(COALESCE(SUM(items), 0) AS SIGNED) AS items, "
        "CAST(COALESCE(SUM(measured), 0) AS SIGNED) AS measured, "
        "CAST(COALESCE(SUM(failed), 0) AS SIGNED) AS failed, "
        "CAST(COALESCE(SUM(IF(reused, measured, 0)), 0) AS SIGNED) AS reused, "
        "CAST(COALESCE(SUM(state = 'done'), 0) AS SIGNED) AS done, "
        "CAST(COALESCE(SUM(state = 'sent'), 0) AS SIGNED) AS sent, "
        "CAST(COALESCE(SUM(GREATEST(attempts, 1) - 1), 0) AS SIGNED) AS resubmitted, "
        "COALESCE(SUM(cpu_s), 0.0) AS compute_s "
        "FROM campaign_chunk WHERE campaign_id = %(id)s",
        id=campaign_id,
    ) or _Counts(0, 0, 0, 0, 0, 0, 0, 0, 0.0)
    return Progress(
        campaign_id=campaign_id,
        state=state,
        items=counts.items,
        measured=counts.measured,
        failed=counts.failed,
        reused=counts.reused,
        chunks=counts.chunks,
        chunks_done=counts.done,
        chunks_sent=counts.sent,
        resubmitted=counts.resubmitted,
        compute_s=counts.compute_s,
        failures=await _by_kind(transaction, campaign_id) if counts.failed else {},
    )


async def failures(
    transaction: Transaction, campaign_id: str, limit: int = 1000
) -> Sequence[ItemFailure]:
    """Return the bursts without a result, by kind, up to a limit."""
    rows = await transaction.rows(
        _Failure,
        "SELECT item, burst_id, kind, reason FROM campaign_failure WHERE campaign_id = %(id)s "
        "ORDER BY kind, number, item LIMIT %(limit)s",
        id=campaign_id,
        limit=limit,
    )
    return [ItemFailure(row.item, row.burst_id, row.kind, row.reason) for row in rows]


class _Kind(Struct, frozen=True):
    kind: str
    number: int


async def _by_kind(transaction: Transaction, campaign_id: str) -> dict[str, int]:
    rows = await transaction.rows(
        _Kind,
        "SELECT kind, COUNT(*) AS number FROM campaign_failure WHERE campaign_id = %(id)s "
        "GROUP BY kind ORDER BY kind",
        id=campaign_id,
    )
    return {row.kind: row.number for row in rows}
