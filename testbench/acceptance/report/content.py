"""The report of the acceptance test, for people and for programs."""

from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from testbench.acceptance.judgement.statistics import Count, Pull

from .table import CASES, Status, Step

__all__ = ["BurstRow", "Report", "Value", "print_report"]

_STYLES = {Status.PASS: "green", Status.FAIL: "bold red", Status.SKIP: "yellow"}


class Value(Struct, frozen=True):
    """A measured value with its truth, for the table; null where there is none."""

    measured: float | None = None
    """Measured value, in the unit of the column."""
    err_minus: float | None = None
    """Size of the lower error, same unit."""
    err_plus: float | None = None
    """Size of the upper error, same unit."""
    true: float | None = None
    """True value, same unit."""

    def true_text(self) -> str:
        """Format the true value."""
        return "-" if self.true is None else f"{self.true:.4g}"

    def measured_text(self) -> str:
        """Format the measured value with as many digits as its errors justify."""
        if self.measured is None:
            return "-"
        errors = [e for e in (self.err_minus, self.err_plus) if e]
        if not errors:
            return f"{self.measured:.4g}"
        digits = max(0, min(4, -int(f"{min(errors):.1e}".split("e")[1]) + 1))
        minus, plus = (
            "?" if e is None else f"{e:.{digits}f}" for e in (self.err_minus, self.err_plus)
        )
        return f"{self.measured:.{digits}f} -{minus} +{plus}"


class BurstRow(Struct, frozen=True, kw_only=True):
    """A row of the table of bursts."""

    name: str
    """Name of the burst in DC-0."""
    burst_id: str
    """Burst id in this run."""
    instrument: str
    """Instrument that T90 belongs to."""
    t90_s: Value
    """T90, seconds."""
    epeak_kev: Value
    """Peak energy of the reference spectrum, keV."""
    alpha: Value
    """Low-energy photon index."""
    beta: Value
    """High-energy photon index."""
    latency_s: float | None
    """From sending the data to the announcement of the last task's products, seconds; None: no
    end."""
    flags: tuple[str, ...]
    """Flags of the duration and of the simulated truth."""


class Report(Struct, frozen=True, kw_only=True):
    """The whole report, as written to `report.json`."""

    schema: Literal["eclgrmd.acceptance/1"] = "eclgrmd.acceptance/1"
    """Name and version of this format."""
    seed: int
    """Seed of the simulation."""
    passed: bool
    """Whether there were steps and none failed."""
    seconds: float
    """Duration of the run, seconds."""
    steps: tuple[Step, ...]
    """All steps, in the order of the test cases."""
    bursts: tuple[BurstRow, ...]
    """One row per burst."""
    pulls: tuple[Pull, ...]
    """Every measured value that has a true one."""
    counts: tuple[Count, ...]
    """Number of values within 1, 2, 3 sigma of the truth, by quantity."""
    products: str
    """Folder of the products, with one folder per burst."""
    output: str
    """Folder of the run."""
    daemon_url: str | None
    """REST address of a daemon that still runs; null: it was stopped."""

    def write(self, path: Path) -> None:
        """Write the report as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self)) + b"\n")


def print_report(report: Report, console: Console) -> None:
    """Print the table of steps, the table of bursts and the folder of the products."""
    console.print(_steps(report.steps))
    console.print(_bursts(report.bursts))
    console.print(f"Products: {report.products}", highlight=False, soft_wrap=True)
    if report.daemon_url:
        console.print(
            f"The daemon still runs at: {report.daemon_url}", highlight=False, soft_wrap=True
        )
    number = sum(step.status is Status.PASS for step in report.steps)
    verdict = "PASS" if report.passed else "FAIL"
    console.print(
        f"{verdict}: {number} of {len(report.steps)} steps passed in {report.seconds:.0f} s",
        style=_STYLES[Status(verdict)],
        highlight=False,
    )


def _steps(steps: tuple[Step, ...]) -> Grid:
    grid = Grid(title="Acceptance of DC-0", title_justify="left", show_lines=False)
    grid.add_column("Test case", no_wrap=True)
    grid.add_column("Step", overflow="fold")
    grid.add_column("Status", no_wrap=True)
    grid.add_column("Detail", overflow="fold")
    shown = ""
    for step in steps:
        if step.case != shown:
            grid.add_section()
            grid.add_row(step.case, Text(CASES[step.case], style="bold"), "", "")
            shown = step.case
        status = Text(step.status, style=_STYLES[step.status])
        grid.add_row("", Text(step.name), status, Text(step.detail))
    return grid


def _bursts(rows: tuple[BurstRow, ...]) -> Grid:
    grid = Grid(title="Bursts: measured (true)", title_justify="left")
    names = ("T90 [s]", "Epeak [keV]", "alpha", "beta", "Latency [s]")
    grid.add_column("Burst", no_wrap=True)
    for name in names:
        grid.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        values = (row.t90_s, row.epeak_kev, row.alpha, row.beta)
        latency = "-" if row.latency_s is None else f"{row.latency_s:.1f}"
        title = f"{row.name}\n{row.burst_id}"
        cells = [f"{v.measured_text()}\n({v.true_text()})" for v in values]
        grid.add_row(Text(title), *(Text(c) for c in cells), latency)
    return grid
