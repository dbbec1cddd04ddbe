"""The daemon is killed before and after commits, acknowledgements and announcements."""

from pathlib import Path

from testbench.faults.crash_points import crash_at_points

POINTS = [
    f"{when} {what}:{number}"
    for what, numbers in (("commit", (2, 7, 12)), ("ack", (1,)), ("publish", (3, 6)))
    for when in ("before", "after")
    for number in numbers
]


async def test_a_kill_at_any_point_loses_and_doubles_nothing(tmp_path: Path) -> None:
    tally, violations = await crash_at_points(POINTS, tmp_path, 20170101, print)
    assert violations == []
    assert tally.total > len(POINTS) / 2
