"""Table `task_log`: the log lines of every attempt at a task, one JSON object each."""

from typing import Any

import msgspec

from .database import Transaction

__all__ = ["record_log", "task_log"]


async def record_log(
    transaction: Transaction, task_id: str, attempt: int, lines: list[bytes]
) -> None:
    """Keep the lines of an attempt; kept ones are not written again."""
    await transaction.insert_many(
        "INSERT INTO task_log (task_id, attempt, number, line) "
        "VALUES (%(task)s, %(attempt)s, %(number)s, %(line)s) "
        "ON DUPLICATE KEY UPDATE number = number",
        [
            {"task": task_id, "attempt": attempt, "number": i, "line": line.decode()}
            for i, line in enumerate(lines)
        ],
    )


async def task_log(transaction: Transaction, task_id: str) -> list[dict[str, Any]]:
    """List the lines of all attempts, oldest first."""
    rows = await transaction.rows(
        "SELECT attempt, line FROM task_log WHERE task_id = %(task)s ORDER BY attempt, number",
        task=task_id,
    )
    return [{**msgspec.json.decode(row["line"]), "attempt": row["attempt"]} for row in rows]
