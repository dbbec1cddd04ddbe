"""Says at the end what was skipped and why, and fails on unlisted reasons with `--refuse-skips`."""

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.checkout import CHECKOUT

__all__ = ["permitted_reasons", "summary"]

LIST = CHECKOUT / "tests" / "skips.toml"
"""Reasons for which a test may be skipped."""


def permitted_reasons(path: Path = LIST) -> dict[re.Pattern[str], str]:
    """Return the listed patterns of reasons, each with why it is permitted."""
    listed = tomllib.loads(path.read_text(encoding="utf-8"))["skip"]
    return {re.compile(each["reason"]): each["because"] for each in listed}


def summary(
    skipped: Mapping[str, int], permitted: Mapping[re.Pattern[str], str]
) -> tuple[list[str], list[str]]:
    """Return the lines to print and the reasons that are not permitted.

    Parameters
    ----------
    skipped
        How many tests were skipped, by reason.
    permitted
        Why a reason is permitted, by its pattern.
    """
    lines, refused = [], []
    for reason, count in sorted(skipped.items()):
        lines.append(f"{count} test{'s' * (count > 1)}: {reason}")
        because = [why for pattern, why in permitted.items() if pattern.fullmatch(reason)]
        if because:
            lines.append(f"    permitted: {because[0]}")
        else:
            lines.append(f"    not in {LIST.relative_to(CHECKOUT)}")
            refused.append(reason)
    return lines, refused


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--refuse-skips",
        action="store_true",
        help=f"fail if a test is skipped for a reason that is not in {LIST.relative_to(CHECKOUT)}",
    )


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # workers of xdist report to one that is none
        config.pluginmanager.register(_Skips(config), "eclgrmd-skips")


class _Skips:
    """Counts skipped tests by their reason."""

    def __init__(self, config: pytest.Config) -> None:
        self._counted: Counter[str] = Counter()
        self._refuses = bool(config.getoption("--refuse-skips"))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            self._count(report.longrepr)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self._count(report.longrepr)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        _, refused = summary(self._counted, permitted_reasons())
        if self._refuses and refused and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        lines, refused = summary(self._counted, permitted_reasons())
        if lines:
            terminalreporter.section("skipped")
        for line in lines:
            terminalreporter.write_line(line)
        if self._refuses and refused:
            terminalreporter.write_line(f"failed: {len(refused)} reasons to skip are not permitted")

    def _count(self, longrepr: object) -> None:
        # A skip is told as (path, line, "Skipped: reason").
        text = str(longrepr[2] if isinstance(longrepr, tuple) else longrepr)
        self._counted[text.removeprefix("Skipped: ")] += 1
