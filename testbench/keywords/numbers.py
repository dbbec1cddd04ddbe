"""Compares the numbers that `eclgrmd analyze` finds in the files of an example."""

import contextlib
import io
import json
import tempfile
from collections.abc import Iterator
from functools import cache
from math import isclose
from pathlib import Path
from typing import Any

from eclgrmd.cli import main

from .forms import T0_MET_S, has_trigger
from .options import Options, plain
from .trial import Complaint, described, judged, written

__all__ = ["numbers_judged"]

_QUICK = {
    "duration": {"bootstrap": 100, "character": False, "photon_fluence": False},
    "spectral": {"models": ["pl"], "goodness_spectra": 0},
    "products": {"figures": False, "tables": False},
}
"""Task configuration of a short analysis."""
_COMPARED = {
    "durations": ("t90.value_s", "t90.start_s", "t50.value_s", "net_counts.value", "significance"),
    "spectra": (
        "models.0.statistic_value",
        "models.0.parameters.index.value",
        "models.0.parameters.amplitude.value",
    ),
}
_SAME: dict[str, Options] = {"spectrum": {"cut": False, "times": "header", "grouping": False}}
"""Options that change the numbers legitimately: channels, grouping, order of spectra."""
_RELATIVE, _ABSOLUTE = 1e-3, 1e-3
"""Tolerances: times differ by a microsecond, counts by the rounding of float32."""


def numbers_judged(kind: str, options: Options) -> str:
    """Run the command on the files of an example; return `read` or `refused`.

    Raises
    ------
    Complaint
        If a number differs from that of the plain files, or the command fails.
    """
    options = options | _SAME.get(kind, {})
    if judged(kind, options) != "read":
        return "refused"
    status, errors, found = _analysed(kind, options)
    if status:
        raise Complaint(f"{described(kind, options)}: exit {status}: {errors}")
    wanted = _plain_numbers(kind, *plain(kind, options).items())
    wrong = [
        f"{name}: {found.get(name)} instead of {value}"
        for name, value in wanted.items()
        if not _same(found.get(name), value)
    ]
    if wrong:
        raise Complaint(f"{described(kind, options)}: {'; '.join(wrong)}")
    return "read"


@cache
def _plain_numbers(kind: str, *options: tuple[str, Any]) -> dict[str, Any]:
    status, complaint, found = _analysed(kind, dict(options))
    if status:
        raise Complaint(f"the plain {kind}: exit {status}: {complaint}")
    return found


def _analysed(kind: str, options: Options) -> tuple[int, str, dict[str, Any]]:
    """Run the command; return its status, its error message and the numbers."""
    with tempfile.TemporaryDirectory(prefix="eclgrmd-keywords-") as name:
        folder = Path(name)
        (folder / "in").mkdir()
        words = ["analyze", *map(str, written(kind, options, folder / "in"))]
        (folder / "quick.json").write_text(json.dumps(_QUICK))
        words += ["--config", str(folder / "quick.json"), "--output", str(folder / "out")]
        if not has_trigger(options):
            words += ["--trigger-time", str(T0_MET_S)]
        screen, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(screen), contextlib.redirect_stderr(errors):
            status = main(words)
        if status:
            return status, errors.getvalue().strip(), {}
        return 0, "", dict(_numbers(json.loads((folder / "out/result.json").read_bytes())))


def _numbers(result: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for part, paths in _COMPARED.items():
        for number, each in enumerate(result[part]):
            for path in paths:
                yield f"{part}.{number}.{path}", _at(each, path)


def _at(node: Any, path: str) -> Any:
    for step in path.split("."):
        node = node[int(step)] if isinstance(node, list) else node[step]
    return node


def _same(found: Any, wanted: Any) -> bool:
    if found is None or wanted is None:
        return found is wanted
    return isclose(found, wanted, rel_tol=_RELATIVE, abs_tol=_ABSOLUTE)
