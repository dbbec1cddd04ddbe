"""The announcement of a task's products: of its result first, and of all with the figures."""

from datetime import datetime
from typing import Any

from eclgrmd.clock import utc_now
from eclgrmd.model.messages.facts import ProductsFact
from eclgrmd.model.messages.product_links import product_links
from eclgrmd.model.pipeline import ProductFile
from eclgrmd.model.task import FiguresState
from eclgrmd.store.intake.inputs import InputFile, notifications_of
from eclgrmd.store.intake.outbox import announce
from eclgrmd.store.sql.announcement import caused_by
from eclgrmd.store.sql.transaction import Transaction

from .task_changes import moment
from .task_rows import HeldTask
from .versions import Succession, origin_of

__all__ = ["announce_products"]


def announce_products(
    transaction: Transaction,
    task: HeldTask,
    *,
    message_id: str,
    cause: str,
    note: str,
    products: tuple[ProductFile, ...],
    inputs: list[InputFile],
    summary: dict[str, Any],
    succession: Succession,
    figures: FiguresState,
    ready_at: datetime | None,
    reason: str = "",
) -> None:
    """Announce products of a task in the transaction that records them.

    Parameters
    ----------
    task
        The row of the task.
    message_id, cause
        Id of the announcement, and of the one that caused it.
    note
        What happened, for people.
    products
        What is announced.
    inputs
        Files that were analysed.
    summary
        Main numbers of the result.
    succession
        Earlier and later versions of the task.
    figures, reason
        State of the figures, and why they failed.
    ready_at
        When all that was needed was there, UTC without zone; None: unknown.
    """
    fact = ProductsFact(
        at=utc_now().isoformat() + "Z",
        burst_id=task.burst_id,
        causes=caused_by(cause),
        task_id=task.task_id,
        analysis=task.analysis,
        origin=origin_of(task),
        supersedes=succession.supersedes,
        superseded_by=succession.superseded_by,
        products=product_links(products, f"/products/{task.task_id}"),
        summary=summary,
        notifications=notifications_of(inputs),
        figures=figures,
        reason=reason,
        ready_at=moment(ready_at),
    )
    announce(transaction, message_id, fact, note)
