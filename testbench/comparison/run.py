"""Analyses the files of a case with `eclgrmd analyze` and compares the result."""

import contextlib
import dataclasses
import io
import tempfile
from dataclasses import dataclass
from math import hypot
from pathlib import Path
from typing import Literal

import msgspec
from msgspec.structs import replace

from eclgrmd.cli import main
from eclgrmd.model.configuration.sections import ProductChoice
from eclgrmd.model.flags import texts
from eclgrmd.model.result import Result
from eclgrmd.model.result.reading import read_result

from .case import Case, Check
from .selection import selected_files

__all__ = ["Row", "Verdict", "compare"]

Verdict = Literal["within", "off", "failed"]


@dataclass(frozen=True, slots=True)
class Row:
    """A quantity: our value and the published one."""

    case: str
    """Name of the case."""
    quantity: str
    """Name of the quantity."""
    published: float
    """Published value."""
    ours: float | None
    """Our value. None: there is none."""
    tolerance: float
    """Largest acceptable difference, including our error where the rule says so."""
    rule: str
    """Source of the tolerance."""
    authority: str
    """Source of the published value."""
    verdict: Verdict
    """`within` the tolerance, `off`, or `failed` if there is no value."""
    note: str
    """Flags of the result, or why there is none."""
    sigma: float | None = None
    """Difference in errors of both. None: not known."""
    explanation: str = ""
    """Why our value differs; the same for all rows of a case."""
    missing: bool = False
    """Whether files of the case are missing."""


def compare(case: Case) -> list[Row]:
    """Analyse the files of a case and return a row for each quantity."""
    absent = [file.name for file in case.files if not file.exists()]
    if absent:
        rows = [_row(case, check, None, f"missing: {', '.join(absent)}") for check in case.checks]
        return [dataclasses.replace(row, missing=True) for row in rows]
    with tempfile.TemporaryDirectory() as folder:
        result, problem = _analyse(case, Path(folder))
    rows = [_row(case, check, result, problem) for check in case.checks]
    if case.explain is None or all(row.verdict == "within" for row in rows):
        return rows
    why = case.explain()
    return [dataclasses.replace(row, explanation=why) for row in rows]


def _analyse(case: Case, folder: Path) -> tuple[Result | None, str]:
    """Run the command; return the result, or None and its error message."""
    inputs, output = folder / "inputs", folder / "products"
    inputs.mkdir()
    configuration = folder / "task.json"
    numbers_only = replace(case.configuration, products=ProductChoice(figures=False, tables=False))
    configuration.write_bytes(msgspec.json.encode(numbers_only))
    files = [str(file) for file in selected_files(case, inputs)]
    words = ["analyze", *files, "--config", str(configuration), "--output", str(output)]
    screen, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(screen), contextlib.redirect_stderr(errors):
        status = main(words)
    if status:
        return None, errors.getvalue().strip()
    return read_result((output / "result.json").read_bytes(), what="result.json"), ""


def _row(case: Case, check: Check, result: Result | None, problem: str) -> Row:
    ours: float | None = None
    sigma: float | None = None
    tolerance = check.tolerance
    note = problem
    if result is not None:
        try:
            ours = check.ours(result)
            our_error = check.our_error(result) if check.our_error else None
            tolerance = hypot(tolerance, 3 * (our_error or 0.0))
            sigma = check.sigma(result) if check.sigma else None
            note = ", ".join(_flags(result))
        except (IndexError, KeyError):
            note = "not in the result: " + ", ".join(texts(result.flags))
    return Row(
        case=case.name,
        quantity=check.quantity,
        published=check.published,
        ours=ours,
        tolerance=tolerance,
        rule=check.rule,
        authority=case.authority,
        verdict=_verdict(check.published, ours, tolerance),
        note=note,
        sigma=sigma,
    )


def _flags(result: Result) -> list[str]:
    found = [text for duration in result.durations[:1] for text in texts(duration.flags)]
    return found + [t for fits in result.spectra[:1] for t in texts(fits.models[0].flags)]


def _verdict(published: float, ours: float | None, tolerance: float) -> Verdict:
    if ours is None:
        return "failed"
    return "within" if abs(ours - published) <= tolerance else "off"
