"""`eclgrmd selftest`: analyses a burst whose answer is known."""

import argparse
import sys
import time

from .command import Subparsers

__all__ = ["add_parser", "run"]

_LIMIT_SIGMA = 4.0


def add_parser(subparsers: Subparsers) -> None:
    """Describe the arguments."""
    subparsers.add_parser(
        "selftest", help="analyse a burst whose answer is known (compiles all kernels, once)"
    )


def run(_args: argparse.Namespace) -> int:
    """Analyse, compare with the truth, and tell."""
    # numerics take seconds to import: help is given before
    from eclgrmd.analysis.burst import analyse
    from eclgrmd.analysis.known_burst import TRUTH, known_burst
    from eclgrmd.model.configuration import TaskConfiguration
    from eclgrmd.model.task import TaskType

    began = time.monotonic()
    analysed = analyse(known_burst(), TaskConfiguration(), TaskType.BURST)
    elapsed_s = time.monotonic() - began
    found: dict[str, tuple[float | None, float | None, float | None]] = {}
    if analysed.temporal is not None and analysed.temporal.durations:
        duration = analysed.temporal.durations[0]
        for name, width in (("t90_s", duration.t90), ("t50_s", duration.t50)):
            found[name] = (width.value_s, width.err_minus_s, width.err_plus_s)
    if analysed.spectral is not None and analysed.spectral.intervals:
        for parameter in analysed.spectral.intervals[0].fits[0].parameters:
            found[parameter.name] = (parameter.value, parameter.err_minus, parameter.err_plus)
    right = [_told(name, truth, *found.get(name, (None,) * 3)) for name, truth in TRUTH.items()]
    sys.stdout.write(f"{'right' if all(right) else 'WRONG'} after {elapsed_s:.1f} s\n")
    return 0 if all(right) else 1


def _told(
    name: str, truth: float, value: float | None, minus: float | None, plus: float | None
) -> bool:
    if value is None or not minus or not plus:
        sys.stdout.write(f"{name}: nothing found, true is {truth:g}\n")
        return False
    sigma = (value - truth) / (minus if value > truth else plus)
    sys.stdout.write(
        f"{name}: {value:.4g} (+{plus:.2g}, -{minus:.2g}), true {truth:g}, {sigma:+.1f} sigma\n"
    )
    return abs(sigma) <= _LIMIT_SIGMA
