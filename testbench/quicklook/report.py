"""The result as a table and a figure."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .convergence import Trace, settled_after_s

__all__ = ["draw", "table"]

_TIMES_S = (10.0, 20.0, 30.0, 60.0, 90.0, 150.0)
"""Columns of the table, seconds after T0."""
_PANELS = 12
"""Bursts in the figure."""
_COLOURS = {"GRM": "#0b6e99", "ECL": "#c2571a", "GBM": "#0b6e99", "BATSE": "#5a7d2a"}


def table(traces: Sequence[Trace], levels: Sequence[float] = (10, 50, 68, 90, 95)) -> str:
    """Format T90 at some times, the final value, and how soon T90 settled."""
    head = "".join(f"{f'T0+{t:g}s':>10}" for t in _TIMES_S)
    tail = f"{'last':>10}{'X-band T90':>24}{'settled':>9}"
    lines = [f"{'burst':<16}{'ins':<6}{'sigma':>6}{head}{tail}"]
    lines += [_line(trace) for trace in traces]
    settled = [settled_after_s(trace) for trace in traces]
    known = [value for value in settled if value is not None]
    share = f"{len(known)} ({100.0 * len(known) / max(len(traces), 1):.1f} %)"
    came = f"{len(traces)} light curves; T90 within 2 sigma of its final value, to stay: {share}"
    lines += ["", came]
    if known:
        values = np.percentile(known, list(levels), method="higher")
        shown = ", ".join(f"{v:.1f} s ({p:g} %)" for v, p in zip(values, levels, strict=True))
        lines.append(f"how long after the burst's end (negative: before): {shown}")
    pulls = [abs(trace.pull(trace.points[-1])) for trace in traces if trace.points]
    if pulls:
        inside = 100.0 * np.mean(np.array(pulls) <= 2.0)
        lines.append(f"last quick look within 2 sigma of the final value: {inside:.1f} %")
    return "\n".join(lines)


def _line(trace: Trace) -> str:
    final, cells = trace.final, []
    for time_s in _TIMES_S:
        known = [point for point in trace.points if point.at_s <= time_s]
        cells.append(f"{known[-1].t90_s:>10.2f}" if known else f"{'-':>10}")
    last = f"{trace.points[-1].t90_s:>10.2f}" if trace.points else f"{'-':>10}"
    value = f"{final.t90_s:.2f} -{final.err_minus_s:.2f} +{final.err_plus_s:.2f}"
    settled = settled_after_s(trace)
    when = "never" if settled is None else f"{settled:.1f}"
    return (
        f"{trace.burst_id:<16}{trace.instrument:<6}{final.significance:>6.0f}"
        f"{''.join(cells)}{last}{value:>24}{when:>9}"
    )


def draw(traces: Sequence[Trace], path: Path) -> None:
    """Draw T90 over time for some bursts, and the distribution of the settling time."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to import

    shown = [trace for trace in traces if trace.points][:_PANELS]
    figure = Figure(figsize=(14, 12), layout="constrained")
    grid = figure.subplots(4, 4)
    for axes in grid.flat:
        axes.set_axis_off()
    for axes, trace in zip(grid[:3].flat, shown, strict=False):
        axes.set_axis_on()
        _panel(axes, trace)
    gs = grid[3, 0].get_gridspec()
    axes = figure.add_subplot(gs[3, :])
    _distribution(axes, traces)
    figure.savefig(path, dpi=90)


def _panel(axes, trace: Trace) -> None:  # type: ignore[no-untyped-def]  # matplotlib has no types
    final, colour = trace.final, _COLOURS.get(trace.instrument, "#444444")
    time = [point.at_s for point in trace.points]
    axes.axhspan(
        final.t90_s - final.err_minus_s, final.t90_s + final.err_plus_s, color="0.85", lw=0
    )
    axes.axhline(final.t90_s, color="0.4", lw=1)
    axes.axvline(final.end_s, color="0.4", lw=1, ls=":")
    axes.errorbar(
        time,
        [point.t90_s for point in trace.points],
        yerr=[
            [point.err_minus_s for point in trace.points],
            [point.err_plus_s for point in trace.points],
        ],
        fmt=".",
        ms=3,
        lw=0.7,
        color=colour,
    )
    axes.set_title(f"{trace.burst_id} {trace.instrument}", fontsize=9)
    axes.set_ylim(0.0, 1.7 * (final.t90_s + final.err_plus_s))
    axes.set_xlim(0.0, max(time) + 2.0)
    axes.tick_params(labelsize=8)
    axes.set_xlabel("time since trigger (s)", fontsize=8)
    axes.set_ylabel("T90 so far (s)", fontsize=8)


def _distribution(axes, traces: Sequence[Trace]) -> None:  # type: ignore[no-untyped-def]  # as above
    settled = [settled_after_s(trace) for trace in traces]
    known = np.sort([value for value in settled if value is not None])
    share = np.arange(1, len(known) + 1) / max(len(traces), 1)
    axes.step(known, share, where="post", color="#0b6e99")
    axes.axvline(0.0, color="0.5", lw=0.8)
    axes.set_ylim(0.0, 1.0)
    axes.set_xlabel("time after the burst's end until T90 is within 2 sigma of its final value (s)")
    axes.set_ylabel("share of light curves")
