"""Progress and report of a campaign as text."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from eclgrmd.model.campaign import CampaignState, ItemFailure, Progress

if TYPE_CHECKING:
    from eclgrmd.campaign.diff import Diff

__all__ = ["diff_text", "progress_line", "report_text"]

_MOST_NAMED = 5
"""Failures of each kind that are named; more are only counted."""


def progress_line(found: Progress, per_s: float | None = None) -> str:
    """Return the progress in one line.

    Parameters
    ----------
    found
        Counts of the campaign.
    per_s
        Bursts that were computed per second lately; None: say nothing about the time left.
    """
    ended = found.measured + found.failed
    parts = [f"{found.campaign_id}: {found.state}, {ended} of {found.items} bursts"]
    if found.failed:
        kinds = ", ".join(f"{number} {kind}" for kind, number in found.failures.items())
        parts.append(f"{found.failed} failed ({kinds})")
    if found.reused:
        parts.append(f"{found.reused} computed before")
    if found.resubmitted:
        parts.append(f"{found.resubmitted} chunks sent again")
    if per_s and found.state is CampaignState.RUNNING:
        left = timedelta(seconds=round((found.items - ended) / per_s))
        parts.append(f"{per_s:.3g}/s, {left} left")
    return ", ".join(parts)


def report_text(found: Progress, failed: Sequence[ItemFailure], written: Sequence[str]) -> str:
    """Return the report of a campaign: counts, files, and failures by kind."""
    lines = [progress_line(found)]
    if found.measured:
        each_ms = 1e3 * found.compute_s / found.measured
        lines.append(f"CPU time of the results: {found.compute_s:.1f} s, {each_ms:.0f} ms each")
    lines += written
    for kind, number in found.failures.items():
        lines.append(f"{number} failed, {kind}:")
        named = [each for each in failed if each.kind == kind][:_MOST_NAMED]
        lines += [f"  {each.burst_id}: {each.reason}" for each in named]
        if number > len(named):
            lines.append(f"  and {number - len(named)} more")
    return "\n".join(lines) + "\n"


def diff_text(found: "Diff", written: Sequence[str]) -> str:
    """Return the comparison of two campaigns: how many moved, the largest moves, and the files."""
    bursts = len({each.burst_id for each in found.moved})
    only = f"{found.only_before} only before, {found.only_after} only after"
    lines = [f"{found.compared} bursts compared ({only}), {bursts} moved"]
    for quantity, number in Counter(each.quantity for each in found.moved).items():
        lines.append(f"  {quantity}: {number}")
    for cause, number in Counter(each.cause for each in found.moved).most_common(_MOST_NAMED):
        lines.append(f"  {number} by {cause}")
    largest = sorted(found.moved, key=lambda each: -(each.sigma or 0.0))[:_MOST_NAMED]
    for each in largest:
        size = "" if each.sigma is None else f", {each.sigma:.2g} sigma"
        lines.append(f"{each.burst_id} {each.quantity}: {each.before} to {each.after}{size}")
    return "\n".join([*lines, *written]) + "\n"
