"""Versions of one analysis: the newest counts, older ones are kept and say by what superseded."""

from typing import NamedTuple

from eclgrmd.model.messages.facts import Origin
from eclgrmd.store.sql.transaction import Transaction

from .task_rows import HeldTask

__all__ = ["SENT", "Succession", "Version", "origin_of", "supersede"]


class Version(NamedTuple):
    """Which of the versions of an analysis a task makes."""

    series: str = ""
    """Of an automatic task: what it makes anew with each new file; empty: the task was sent."""
    proc_ver: int = 1
    """PROC_VER, raised with each re-processing."""
    incomplete: str = ""
    """What was missing when it was made; empty: nothing."""


SENT = Version()
"""The task was sent by somebody."""


class Succession(NamedTuple):
    """How a version stands to the others of its series."""

    supersedes: tuple[str, ...] = ()
    """Tasks that it puts out of date."""
    superseded_by: str | None = None
    """The task that has put it out of date."""


def origin_of(task: HeldTask) -> Origin:
    """Return why a task was made, and which version it makes."""
    return Origin(
        kind="automatic" if task.series else "sent",
        series=task.series,
        proc_ver=task.proc_ver,
        incomplete=task.incomplete,
    )


async def supersede(transaction: Transaction, done: HeldTask) -> Succession:
    """Mark the versions that a task just done puts out of date; itself, where it comes too late."""
    if not done.series:
        return Succession()
    transaction.later(
        "UPDATE task SET superseded_by = %(task)s WHERE burst_id = %(burst)s "
        "AND series = %(series)s AND state = 'done' AND proc_ver < %(version)s "
        "AND superseded_by IS NULL",
        task=done.task_id,
        burst=done.burst_id,
        series=done.series,
        version=done.proc_ver,
    )
    later = await transaction.value(
        str,
        "SELECT task_id FROM task WHERE burst_id = %(burst)s AND series = %(series)s "
        "AND state = 'done' AND proc_ver > %(version)s ORDER BY proc_ver DESC LIMIT 1",
        burst=done.burst_id,
        series=done.series,
        version=done.proc_ver,
    )
    if later is not None:
        transaction.later(
            "UPDATE task SET superseded_by = %(later)s WHERE task_id = %(task)s",
            later=later,
            task=done.task_id,
        )
    older = await transaction.values(
        str,
        "SELECT task_id FROM task WHERE burst_id = %(burst)s AND series = %(series)s "
        "AND superseded_by = %(task)s ORDER BY proc_ver",
        burst=done.burst_id,
        series=done.series,
        task=done.task_id,
    )
    return Succession(tuple(older), later)
