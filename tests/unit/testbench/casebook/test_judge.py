"""`testbench/cases` compares the outcome of a run with its expectation."""

from typing import Any

import pytest

from testbench.casebook.expectation import Check, Run, read_expectations
from testbench.casebook.judge import Verdict, judge
from testbench.casebook.program import Outcome

RESULT: dict[str, Any] = {
    "durations": [
        {
            "detectors": ["n3"],
            "t90": {"value_s": 5.0, "err_minus_s": 0.5, "err_plus_s": 1.0, "start_s": 0.6},
            "flags": ["n3: 3 null bins dropped"],
        }
    ],
    "spectra": [{"models": [{"name": "pl", "parameters": {"index": {"value": -1.6}}}]}],
    "flags": ["no response"],
}


def run(**changes: Any) -> Run:
    fields = {"case": "02_x", "kind": "made up", "source": "made up", "files": ["a.fits"]}
    return Run(**{**fields, **changes})


def verdict(wanted: Run, status: int = 0, errors: str = "", result: Any = RESULT) -> Verdict:
    return judge(wanted, Outcome(status, errors, result if status == 0 else {})).verdict


@pytest.mark.parametrize(
    ("check", "right"),
    [
        (Check(of="T90", value=5.1, within=0.2), True),
        (Check(of="T90", value=5.3, within=0.2), False),
        (Check(of="T90", value=7.9, sigma=3), True),  # three times the upper error of 1.0
        (Check(of="T90", value=3.4, sigma=3), False),  # the lower error is 0.5
        (Check(of="T90"), False),
        (Check(of="photon fluence"), True),
        (Check(of="detectors", value=["n3"]), True),
        (Check(of="detectors", value=["n3", "n4"]), False),
        (Check(of="index", value=-1.6, within=0.01), True),
        (Check(of="amplitude", value=0.03, within=0.01), False),
        (Check(of="durations.0.t90.start_s", least=0.5, most=0.7), True),
        (Check(of="durations.0.t90.start_s", least=0.7), False),
    ],
)
def test_a_value_is_compared(check: Check, right: bool) -> None:
    assert verdict(run(right=[check])) is (Verdict.RIGHT if right else Verdict.WRONG)


def test_another_set_of_checks_is_enough() -> None:
    wrong, right = [Check(of="T90", value=1.0)], [Check(of="T90", value=5.0)]
    assert verdict(run(right=wrong, alternatives=[right])) is Verdict.RIGHT


def test_a_flag_is_required_forbidden_or_explains_the_result() -> None:
    right, wrong = [Check(of="T90", value=5.0)], [Check(of="T90", value=1.0)]
    assert verdict(run(right=right, flags=["null"])) is Verdict.RIGHT
    assert verdict(run(right=right, flags=["gap"])) is Verdict.WRONG
    assert verdict(run(right=right, no_flags=["null"])) is Verdict.WRONG
    assert verdict(run(right=wrong, told=["null"])) is Verdict.TOLD


def test_a_refusal_counts_where_it_says_what_is_wrong() -> None:
    wanted = run(right=[Check(of="T90", value=5.0)], refusal=["BACKSCAL"])
    assert verdict(wanted, 2, "a.pha: BACKSCAL is 0") is Verdict.TOLD
    assert verdict(wanted, 2, "a.pha: may be damaged") is Verdict.WRONG
    assert verdict(run(refusal=["BACKSCAL"])) is Verdict.WRONG


@pytest.mark.parametrize(
    ("status", "errors", "result"),
    [
        (1, "the analysis failed: IndexError: out of bounds", {}),
        (0, "Traceback (most recent call last):", RESULT),
        (-9, "", {}),
        (0, "", {}),
    ],
)
def test_an_exception_is_a_crash(status: int, errors: str, result: Any) -> None:
    assert verdict(run(), status, errors, result) is Verdict.CRASH


def test_what_a_later_issue_mends_is_not_yet_right() -> None:
    wanted = run(right=[Check(of="T90", value=1.0)], ahead="issue 99")
    assert verdict(wanted) is Verdict.NOT_YET
    assert not Verdict.NOT_YET.bad


def test_the_table_can_be_read_and_every_run_demands_something() -> None:
    table = read_expectations()
    for each in table.run:
        assert each.right or each.flags or each.told or each.refusal, each.case
    for notice in table.notice:
        assert notice.right or notice.refusal, notice.file
