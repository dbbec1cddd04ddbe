"""`testbench/golden`: compare what the program says now with the golden set, or write it anew."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from testbench.checkout import CHECKOUT, SHARED_DATA

from .difference import report
from .documents import compare_folder, write_folder
from .gather import daemon_documents, real_documents

__all__ = ["GOLDEN", "main", "real_data"]

GOLDEN = CHECKOUT / "tests" / "golden"
"""Holds a folder for what everybody can compare (`made`), and one for real bursts (`real`)."""


def real_data() -> Path | None:
    """Return the folder of real data beside the checkout; None where it is not there."""
    return SHARED_DATA if (SHARED_DATA / "references.json").exists() else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare or write; the exit status is 1 where something differs."""
    parser = argparse.ArgumentParser(prog="testbench/golden", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the golden set anew")
    parser.add_argument(
        "--output", type=Path, default=GOLDEN, metavar="DIR", help="default: tests/golden"
    )
    parser.add_argument(
        "--burst",
        action="append",
        metavar="NAME",
        help="only these bursts of DC-0 (for trying out)",
    )
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    data = real_data()
    parts = {"made": daemon_documents(None if given.burst is None else tuple(given.burst))}
    if data is None:
        print("real bursts are left out: no real data beside the checkout")
    elif given.burst is None:
        parts["real"] = real_documents(data)
    found = []
    for part, documents in parts.items():
        if given.write:
            write_folder(given.output / part, documents)
        else:
            found += list(compare_folder(given.output / part, documents))
    print("written" if given.write else report(found))
    return 1 if found else 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """End as by Ctrl-C, so that the daemon ends, too."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
