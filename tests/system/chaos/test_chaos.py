"""Faults are injected into a daemon at work: nothing is lost, nothing is done twice."""

from pathlib import Path

from testbench.faults.run import Course, run


async def test_nothing_is_lost_or_doubled_while_things_break(tmp_path: Path) -> None:
    course = Course(seed=20170101, bursts=60, faults=250, seconds=60.0, daemons=2)
    outcome = await run(course, tmp_path, print)
    assert outcome.violations == []
    assert outcome.tally.total > 50
    assert outcome.tally.bursts > 5
