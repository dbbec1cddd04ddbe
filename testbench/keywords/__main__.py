"""`python -m testbench keywords`: read many files with unusual keywords and compare."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence

from hypothesis import HealthCheck, Phase, given, seed, settings

from testbench.command_line import command_parser

from .options import KINDS, Options, examples
from .trial import Complaint, judged

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Read examples of each kind and return 1 if any is wrong."""
    options = _parser().parse_args(arguments)
    kinds = [options.kind] if options.kind else list(KINDS)
    wrong = [_clean(kind, options.examples // len(kinds), options.seed) for kind in kinds]
    return int(not all(wrong))


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("keywords", __doc__)
    parser.add_argument(
        "--examples", type=int, default=1000, help="number of examples, all kinds together"
    )
    parser.add_argument("--kind", choices=list(KINDS), help="only this kind of file")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    return parser


def _clean(kind: str, count: int, first: int) -> bool:
    """Read examples of a kind; print the outcomes, or the smallest wrong example."""
    answers: Counter[str] = Counter()

    @seed(first)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(examples(kind))
    def judge(options: Options) -> None:
        answers["read" if judged(kind, options) == "read" else "refused"] += 1

    try:
        judge()
    except Complaint as complaint:
        print(f"WRONG {complaint}")
        return False
    print(f"clean {kind}: {answers['read']} read as the plain file, {answers['refused']} refused")
    return True


if __name__ == "__main__":
    sys.exit(main())
