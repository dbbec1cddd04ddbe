"""A task that was sent, or that is followed until its end."""

from typing import TYPE_CHECKING

import click

from eclgrmd.model.rest.tasks import RerunTask, Task
from eclgrmd.model.task import TaskState

from .shown import moment, show_json, show_json_line
from .task_text import show_task

if TYPE_CHECKING:
    from eclgrmd.client import Client

__all__ = ["follow", "sent"]


def sent(client: "Client", task: Task, *, wait: bool, as_json: bool) -> int:
    """Show a task that was just sent; with `wait` follow it. Return the exit status."""
    if wait:
        return follow(client, task.id, as_json=as_json)
    if as_json:
        show_json(task)
        return 0
    click.echo(f"task {task.id} is {task.state}: {task.reason}")
    if isinstance(task, RerunTask):
        click.echo(f"steps touched: {', '.join(task.plan.touched)}")
        click.echo(f"steps kept: {', '.join(task.plan.kept)}")
    return 0


def follow(client: "Client", task_id: str, *, as_json: bool) -> int:
    """Print the changes of a task until it has ended, then the task; return the exit status.

    With JSON each change is a line, and the task is the last one.
    """
    seen = 0
    task = client.task(task_id)
    for task in client.follow(task_id):
        for change in task.changes[seen:]:
            if as_json:
                show_json_line(change)
            else:
                click.echo(f"{moment(change.at)}  {change.state:9}  {change.reason}".rstrip())
        seen = len(task.changes)
    if as_json:
        show_json_line(task)
    else:
        click.echo()
        show_task(task)
    return 0 if task.state is TaskState.DONE else 1
