"""Versions of one analysis: the newest counts, older ones are kept and say by what superseded."""

from .database import Row, Transaction

__all__ = ["supersede", "superseded_by"]


async def supersede(transaction: Transaction, done: Row) -> None:
    """Mark the versions that a task just done puts out of date; itself, where it comes too late."""
    if not done["series"]:
        return
    await transaction.execute(
        "UPDATE task SET superseded_by = %(task)s WHERE burst_id = %(burst)s "
        "AND series = %(series)s AND state = 'done' AND proc_ver < %(version)s "
        "AND superseded_by IS NULL",
        task=done["task_id"],
        burst=done["burst_id"],
        series=done["series"],
        version=done["proc_ver"],
    )
    later = await transaction.row(
        "SELECT task_id FROM task WHERE burst_id = %(burst)s AND series = %(series)s "
        "AND state = 'done' AND proc_ver > %(version)s ORDER BY proc_ver DESC LIMIT 1",
        burst=done["burst_id"],
        series=done["series"],
        version=done["proc_ver"],
    )
    if later is not None:
        await transaction.execute(
            "UPDATE task SET superseded_by = %(later)s WHERE task_id = %(task)s",
            later=later["task_id"],
            task=done["task_id"],
        )


async def superseded_by(transaction: Transaction, task_id: str) -> list[str]:
    """List the tasks that a task has put out of date."""
    rows = await transaction.rows(
        "SELECT task_id FROM task WHERE superseded_by = %(task)s ORDER BY proc_ver", task=task_id
    )
    return [row["task_id"] for row in rows]
