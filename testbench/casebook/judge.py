"""Compares the outcome of a run with its right answer."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import hypot, isfinite

from .expectation import Check, Run
from .program import Outcome
from .values import flags_of, look_up

__all__ = ["Row", "Verdict", "judge"]

_WIDEST = 150
"""Longest error message in the table, characters."""


class Verdict(StrEnum):
    """Verdict on a run."""

    RIGHT = "right"
    TOLD = "plainly told"
    WRONG = "WRONG"
    CRASH = "CRASH"
    NOT_YET = "not yet"
    """Wrong, but known: a later issue will mend it."""
    SKIPPED = "skipped"

    @property
    def bad(self) -> bool:
        """True if this verdict fails the whole run."""
        return self in {Verdict.WRONG, Verdict.CRASH}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table."""

    case: str
    """Case, files and arguments."""
    kind: str
    """Kind of problem of which this is an example."""
    right: str
    """The right answer."""
    ours: str
    """Our answer."""
    verdict: Verdict
    """Comparison of both."""


def judge(run: Run, outcome: Outcome) -> Row:
    """Return the row of one run."""
    verdict, ours = _judged(run, outcome)
    if verdict.bad and run.ahead:
        verdict, ours = Verdict.NOT_YET, f"{ours} (known, {run.ahead} ahead)"
    return Row(_label(run), run.kind, _wanted(run), ours, verdict)


def _label(run: Run) -> str:
    return " ".join([run.case, *run.files, *run.arguments])


def _judged(run: Run, outcome: Outcome) -> tuple[Verdict, str]:
    told = any(re.search(pattern, outcome.errors) for pattern in run.refusal)
    if "Traceback" in outcome.errors or not (outcome.status in {0, 2} or told):
        return Verdict.CRASH, f"exit {outcome.status}: {_line(outcome.errors)}"
    if outcome.status:
        return (Verdict.TOLD if told else Verdict.WRONG), f"refused: {_line(outcome.errors)}"
    if not outcome.result:
        return Verdict.CRASH, "exit 0, but no result.json"
    return _of_result(run, outcome)


def _of_result(run: Run, outcome: Outcome) -> tuple[Verdict, str]:
    flags = list(dict.fromkeys(flags_of(outcome.result)))
    told = _matching(run.told, flags)
    sets = [run.right, *run.alternatives]
    wrong = min((_failures(checks, outcome) for checks in sets), key=len)
    if not (run.right or run.flags or run.told):
        wrong.append("not refused")
    wrong += [
        f"no flag like /{pattern}/" for pattern in run.flags if not _matching([pattern], flags)
    ]
    wrong += [f"flag '{flag}'" for flag in _matching(run.no_flags, flags)]
    values = ", ".join(_shown(check, outcome) for check in _distinct(run))
    relevant = list(dict.fromkeys([*_matching(run.flags, flags), *told]))
    ours = "; ".join(part for part in (values, *relevant) if part) or "exit 0"
    if not wrong:
        return Verdict.RIGHT, ours
    if told:
        return Verdict.TOLD, ours
    return Verdict.WRONG, f"{ours} <- {'; '.join(wrong)}"


def _matching(patterns: Iterable[str], flags: Iterable[str]) -> list[str]:
    patterns = list(patterns)
    return [flag for flag in flags if any(re.search(pattern, flag) for pattern in patterns)]


def _failures(checks: list[Check], outcome: Outcome) -> list[str]:
    return [f"{check.of} is not {_right(check)}" for check in checks if not _holds(check, outcome)]


def _holds(check: Check, outcome: Outcome) -> bool:
    found = look_up(outcome.result, check.of)
    if check.value is None and check.least is None and check.most is None:
        return found.value is None
    if found.value is None:
        return False
    if isinstance(check.value, (str, list)):
        return _same(check, found.value)
    value = float(found.value)
    limits = (check.least is None or value >= check.least) and (
        check.most is None or value <= check.most
    )
    if check.value is None or not isfinite(value):
        return limits and isfinite(value)
    allowed = check.within
    if check.sigma is not None:
        toward = found.err_minus if value > check.value else found.err_plus
        allowed = hypot(check.sigma * (toward or 0.0), check.within)
    return limits and abs(value - check.value) <= allowed


def _same(check: Check, value: object) -> bool:
    wanted = check.value
    if not isinstance(wanted, list) or not isinstance(value, list):
        return value == wanted
    if len(value) != len(wanted):
        return False
    pairs = zip(value, wanted, strict=True)
    return all(
        a == b if isinstance(b, str) else abs(float(a) - b) <= check.within for a, b in pairs
    )


def _distinct(run: Run) -> list[Check]:
    checks = [*run.right, *(check for checks in run.alternatives for check in checks)]
    return list({check.of: check for check in checks}.values())


def _shown(check: Check, outcome: Outcome) -> str:
    value, minus, plus = look_up(outcome.result, check.of)
    errors = f" (+{plus:.2g} -{minus:.2g})" if minus is not None and plus is not None else ""
    return f"{check.of} {_number(value)}{errors}"


def _number(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_number(each) for each in value) + "]"
    return f"{value:.5g}" if isinstance(value, int | float) else str(value)


def _right(check: Check) -> str:
    if check.value is None and check.least is None and check.most is None:
        return "null"
    parts = [] if check.value is None else [_number(check.value)]
    parts += [f"+- {check.within:g}"] if check.within else []
    parts += [f"within {check.sigma:g} sigma"] if check.sigma else []
    parts += [f">= {check.least:g}"] if check.least is not None else []
    parts += [f"<= {check.most:g}"] if check.most is not None else []
    return " ".join(parts)


def _wanted(run: Run) -> str:
    """Return the right answer in one line."""
    sets = [checks for checks in (run.right, *run.alternatives) if checks]
    demanded = [f"flag /{flag}/" for flag in run.flags] + [f"no flag /{f}/" for f in run.no_flags]
    ways = [
        ", ".join([*(f"{check.of} {_right(check)}" for check in checks), *demanded])
        for checks in sets or [[]]
    ]
    ways = [way for way in ways if way]
    ways += [f"flag /{pattern}/" for pattern in run.told]
    ways += [f"refused /{pattern}/" for pattern in run.refusal]
    return "; or ".join(ways)


def _line(text: str) -> str:
    """Return the line that says what was wrong: the first, or the last of a traceback."""
    lines = text.splitlines() or ["no output"]
    line = lines[-1] if "Traceback" in text else lines[0]
    return line if len(line) <= _WIDEST else f"{line[:_WIDEST]}..."
