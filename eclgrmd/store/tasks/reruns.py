"""Re-runs: tasks that repeat another one with changed configuration keys."""

from msgspec.structs import replace

from eclgrmd.errors import InputError
from eclgrmd.model.decode import decode_json
from eclgrmd.model.messages.incoming import RerunRequest, TaskInput, TaskRequest, rerun_task
from eclgrmd.store.intake.inputs import inputs_of
from eclgrmd.store.sql.transaction import Transaction

from .tasks import submit_task
from .versions import Version

__all__ = ["submit_rerun"]


async def submit_rerun(
    transaction: Transaction, wanted: RerunRequest
) -> tuple[TaskRequest, TaskRequest, bool]:
    """Submit the re-run of a task, with the same files as inputs.

    Returns
    -------
    tuple
        The request of the repeated task, the request of the re-run, and whether it is new.

    Raises
    ------
    InputError
        If there is no such task, or if the changes make the configuration invalid.
    TaskConflictError
        If another task has the same id.
    """
    kept = await transaction.value(
        str, "SELECT request FROM task WHERE task_id = %(task)s", task=wanted.task
    )
    if kept is None:
        raise InputError(f"re-run: /task is {wanted.task!r}: there is no such task")
    before = decode_json(kept, TaskRequest, what=f"the stored task {wanted.task}")
    used = await inputs_of(transaction, before.id).rows()
    checksums = {each.name: each.sha256 for each in used}
    inputs = tuple(
        TaskInput(each.name, each.sha256 or checksums.get(each.name)) for each in before.inputs
    )
    request = rerun_task(replace(before, inputs=inputs), wanted)
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
