"""`testbench/golden`: compare all output of the program with the golden set, or rewrite it."""

import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from testbench.checkout import CHECKOUT, SHARED_DATA
from testbench.command_line import command_parser

from .difference import report
from .documents import compare_folder, write_folder
from .gather import daemon_documents, real_documents

__all__ = ["GOLDEN", "main", "real_data"]

GOLDEN = CHECKOUT / "tests" / "golden"
"""Folder of the golden set: `made` for everyone, `real` for machines with real bursts."""


def real_data() -> Path | None:
    """Return the folder of real data, or None if it is absent."""
    return SHARED_DATA if (SHARED_DATA / "references.json").exists() else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare or write; return 1 if something differs."""
    parser = command_parser("golden", __doc__)
    parser.add_argument("--write", action="store_true", help="rewrite the golden set")
    parser.add_argument(
        "--output", type=Path, default=GOLDEN, metavar="DIR", help="default: tests/golden"
    )
    parser.add_argument(
        "--burst",
        action="append",
        metavar="NAME",
        help="only this burst of DC-0, for a quick look; can be repeated",
    )
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    data = real_data()
    parts = {"made": daemon_documents(None if options.burst is None else tuple(options.burst))}
    if data is None:
        print("real bursts are left out: there is no ../shared/data")
    elif options.burst is None:
        parts["real"] = real_documents(data)
    found = []
    for part, documents in parts.items():
        if options.write:
            write_folder(options.output / part, documents)
        else:
            found += list(compare_folder(options.output / part, documents))
    print("written" if options.write else report(found))
    return 1 if found else 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """End as with Ctrl-C, so that the daemon ends, too."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
