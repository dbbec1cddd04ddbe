"""Table `task_log`: the log of every attempt at a task, as JSON lines."""

from typing import Any

import msgspec
from msgspec import Struct

from eclgrmd.store.sql.transaction import Transaction

__all__ = ["record_log", "task_log"]


class _Lines(Struct, frozen=True):
    attempt: int
    line: str


def record_log(
    transaction: Transaction, task_id: str, attempt: int, lines: tuple[bytes, ...]
) -> None:
    """Record the log lines of an attempt, once: a second call changes nothing."""
    if lines:
        transaction.later(
            "INSERT INTO task_log (task_id, attempt, number, line) "
            "VALUES (%(task)s, %(attempt)s, 0, %(lines)s) ON DUPLICATE KEY UPDATE number = number",
            task=task_id,
            attempt=attempt,
            lines=b"\n".join(lines).decode(),
        )


async def task_log(transaction: Transaction, task_id: str) -> list[dict[str, Any]]:
    """Return the log lines of all attempts, oldest first, each with its attempt number."""
    rows = await transaction.rows(
        _Lines,
        "SELECT attempt, line FROM task_log WHERE task_id = %(task)s ORDER BY attempt, number",
        task=task_id,
    )
    return [
        {**msgspec.json.decode(line), "attempt": row.attempt}
        for row in rows
        for line in row.line.split("\n")
    ]
