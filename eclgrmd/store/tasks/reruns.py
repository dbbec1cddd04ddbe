"""Tasks that do another one again, with changed keys."""

from msgspec.structs import replace

from eclgrmd.errors import InputError
from eclgrmd.model.decode import decode_json
from eclgrmd.model.messages.incoming import RerunRequest, TaskInput, TaskRequest, again
from eclgrmd.store.intake.inputs import inputs_of
from eclgrmd.store.sql.transaction import Transaction

from .tasks import submit_task
from .versions import Version

__all__ = ["submit_rerun"]


async def submit_rerun(
    transaction: Transaction, wanted: RerunRequest
) -> tuple[TaskRequest, TaskRequest, bool]:
    """Record the task that does another one again; give that one, the new one, and if it is new.

    It takes the very files that the other one took.

    Raises
    ------
    InputError
        When there is no such task, or the configuration that comes of the changes is wrong.
    TaskConflictError
        When the id is known and asks for something else.
    """
    kept = await transaction.value(
        str, "SELECT request FROM task WHERE task_id = %(task)s", task=wanted.task
    )
    if kept is None:
        raise InputError(f"re-run: /task is {wanted.task!r}: there is no such task")
    before = decode_json(kept, TaskRequest, what=f"task {wanted.task} as it is kept")
    taken = await inputs_of(transaction, before.id).rows()
    held = {each.name: each.sha256 for each in taken}
    inputs = tuple(
        TaskInput(each.name, each.sha256 or held.get(each.name)) for each in before.inputs
    )
    request = again(replace(before, inputs=inputs), wanted)
    version = Version(proc_ver=1 + await _latest(transaction, request))
    return before, request, await submit_task(transaction, request, version=version)


async def _latest(transaction: Transaction, request: TaskRequest) -> int:
    latest = await transaction.value(
        int,
        "SELECT MAX(proc_ver) FROM task WHERE burst_id = %(burst)s AND analysis = %(analysis)s",
        burst=request.burst_id,
        analysis=request.analysis,
    )
    return latest or 0
