import pytest

from eclgrmd.model.messages.founding import TaskActivity
from eclgrmd.model.task import TaskState, TaskType
from testbench.acceptance.steps.computing import is_calibration, wrong_changes


def changes(*states: str) -> tuple[TaskActivity, ...]:
    return tuple(
        TaskActivity("t", "sb1", TaskType.BURST, TaskState(state), "", "", number, "/api/v1/task/t")
        for number, state in enumerate(states, 1)
    )


@pytest.mark.parametrize(
    "states",
    [
        ("waiting", "queued", "running", "done"),
        ("queued", "running", "failed"),
        ("waiting", "queued", "running", "queued", "running", "done"),
        ("waiting", "cancelled"),
    ],
)
def test_legal_changes_are_accepted(states: tuple[str, ...]) -> None:
    assert wrong_changes("t", changes(*states)) == []


@pytest.mark.parametrize(
    "states",
    [
        ("waiting", "running", "done"),
        ("queued", "done"),
        ("queued", "running", "done", "done"),
        ("running", "done"),
        ("queued", "running", "done", "queued"),
    ],
)
def test_illegal_changes_are_found(states: tuple[str, ...]) -> None:
    assert wrong_changes("t", changes(*states))


def test_a_lost_change_is_found_by_its_number() -> None:
    whole = changes("waiting", "queued", "running", "done")

    assert wrong_changes("t", (whole[0], *whole[2:]))
    assert wrong_changes("t", whole[1:])


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("ecl.rsp", True), ("grd01.rmf", True), ("ecl.arf", True), ("grm_evt.fits", False)],
)
def test_responses_are_known_by_their_names(name: str, is_one: bool) -> None:
    assert is_calibration(name) == is_one
