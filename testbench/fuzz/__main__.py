"""`python -m testbench fuzz`: feed damaged documents to parsers and count the outcomes."""

import random
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from testbench.command_line import command_parser

from .parsers import PARSERS, Parser

__all__ = ["main", "outcomes"]

_LONGEST_S = 5
"""Time above which a parser counts as hanging, seconds."""
_MOST_KB = 500_000
"""Growth of memory that counts as a fault, kB."""


class SlowError(BaseException):
    """Raised when a parser takes too long. No handler of a parser may catch it."""


def outcomes(
    parser: Parser, cases: int, seed: int, stop_s: float = float("inf")
) -> tuple[Counter[str], dict[str, bytes]]:
    """Count the outcomes of a parser, and keep a document for each fault.

    Faults are exceptions other than the parser's refusals, cases that take more than five seconds,
    and those that take more than 500 MB of memory.
    """
    draw = random.Random(seed)
    seeds = parser.seeds()
    counts: Counter[str] = Counter()
    kept: dict[str, bytes] = {}
    last = time.process_time() + stop_s
    for _ in range(cases):
        if time.process_time() > last:
            break
        document = parser.mutate(draw.choice(seeds), draw)
        before = _peak_kb()
        outcome, fault = _outcome(parser, document)
        if _peak_kb() - before > _MOST_KB:
            outcome, fault = "memory", f"memory: {_peak_kb() - before} kB more"
        counts[outcome] += 1
        if fault:
            kept.setdefault(fault, document)
    return counts, kept


def _outcome(parser: Parser, document: bytes) -> tuple[str, str]:
    """Return the outcome of a parser, and the error (empty: none)."""
    try:
        with _limited():
            parser.read(document)
    except parser.refusals as error:
        damaged = "may be damaged (" in str(error)
        return f"damaged {type(error.__cause__).__name__}" if damaged else "refused", ""
    except SlowError:
        return "slow", f"slow: more than {_LONGEST_S} s"
    except Exception as error:  # noqa: BLE001 - any exception is a fault
        name = type(error).__name__
        return name, f"{name}: {error}"[:200]
    return "read", ""


@contextmanager
def _limited() -> Iterator[None]:
    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise SlowError

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(_LONGEST_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _peak_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 1 if a parser failed, or took too much time or memory."""
    parser = command_parser("fuzz", __doc__)
    parser.add_argument(
        "--parser",
        choices=[*PARSERS, "all"],
        default="all",
        help="parser; default: %(default)s",
    )
    parser.add_argument(
        "--cases", type=int, default=200_000, help="documents per parser; default: %(default)s"
    )
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    parser.add_argument(
        "--cpu-s", type=float, default=float("inf"), help="CPU time per parser at most, seconds"
    )
    options = parser.parse_args(arguments)
    bad = False
    for name in PARSERS if options.parser == "all" else (options.parser,):
        began = time.process_time()
        counts, kept = outcomes(PARSERS[name], options.cases, options.seed, options.cpu_s)
        took = time.process_time() - began
        print(f"{name} {counts.total()} cases, {took:.0f} s", dict(counts), flush=True)
        for fault, document in kept.items():
            bad = True
            print(f"  {fault}\n    {document[:300]!r}", flush=True)
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
