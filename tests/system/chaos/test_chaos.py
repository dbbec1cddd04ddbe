"""The daemon is broken again and again under work: nothing is lost, nothing is done twice."""

from pathlib import Path

import pytest

from testbench.faults.run import Course, run


@pytest.mark.parametrize("daemons", [1, 2])
async def test_nothing_is_lost_or_doubled_while_things_break(tmp_path: Path, daemons: int) -> None:
    course = Course(seed=20170101, bursts=60, faults=250, seconds=60.0, daemons=daemons)
    outcome = await run(course, tmp_path, print)
    assert outcome.wrongs == []
    assert outcome.tally.total > 50
    assert outcome.tally.bursts > 5
