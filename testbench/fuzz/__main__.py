"""`testbench/fuzz`: give damaged documents to a parser, and count what it does."""

import argparse
import random
import sys
from collections import Counter

from eclgrmd.errors import InputError

from .mutate import mutated
from .parsers import PARSERS, Parser

__all__ = ["main", "outcomes"]


def outcomes(parser: Parser, cases: int, seed: int) -> tuple[Counter[str], dict[str, bytes]]:
    """Count what a parser did, and keep a document for each exception that got through."""
    draw = random.Random(seed)
    counts: Counter[str] = Counter()
    kept: dict[str, bytes] = {}
    for _ in range(cases):
        document = mutated(draw.choice(parser.seeds), draw)
        try:
            parser.read(document)
            counts["read"] += 1
        except InputError:
            counts["InputError"] += 1
        except Exception as error:  # noqa: BLE001 - what is looked for
            name = type(error).__name__
            counts[name] += 1
            kept.setdefault(f"{name}: {error}"[:200], document)
    return counts, kept


def main() -> int:
    """Run the command; 1: an exception other than InputError got through."""
    arguments = argparse.ArgumentParser(prog="testbench/fuzz", description=__doc__)
    arguments.add_argument("--parser", choices=[*PARSERS, "all"], default="all")
    arguments.add_argument("--cases", type=int, default=200_000)
    arguments.add_argument("--seed", type=int, default=1)
    args = arguments.parse_args()
    bad = False
    for name in PARSERS if args.parser == "all" else (args.parser,):
        counts, kept = outcomes(PARSERS[name], args.cases, args.seed)
        print(name, dict(counts), flush=True)
        for error, document in kept.items():
            bad = True
            print(f"  {error}\n    {document[:300]!r}")
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
