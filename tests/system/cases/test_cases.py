"""Small inputs with known answers are analysed correctly, or the result says what is wrong."""

from pathlib import Path

import pytest

from testbench.casebook.expectation import NoticeRun, Run, read_expectations
from testbench.casebook.judge import judge
from testbench.casebook.notices import FOLDER, notice_row
from testbench.casebook.program import analyze_here, copied

TABLE = read_expectations()
HERE = [run for run in TABLE.run if not (run.ahead or run.open_files or run.environment)]
"""Other cases, and those of the daemon, need more than one run: see `testbench/cases`."""


def named(run: Run | NoticeRun) -> str:
    return f"{run.case}-{run.kind}" if isinstance(run, Run) else f"{FOLDER}-{run.kind}"


@pytest.fixture(scope="module")
def cases(shared_cases: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(shared_cases, tmp_path_factory.mktemp("cases"))


@pytest.mark.filterwarnings("default")  # as in a process of its own
@pytest.mark.parametrize("run", HERE, ids=named)
def test_a_case_is_right_or_plainly_told(run: Run, cases: Path, tmp_path: Path) -> None:
    row = judge(run, analyze_here(run, cases, tmp_path / "out"))
    assert not row.verdict.bad, f"{row.ours} (right: {row.right})"


@pytest.mark.parametrize("run", TABLE.notice, ids=named)
def test_a_notice_is_accepted_or_plainly_refused(run: NoticeRun, cases: Path) -> None:
    row = notice_row(run, cases)
    assert not row.verdict.bad, f"{row.ours} (right: {row.right})"
