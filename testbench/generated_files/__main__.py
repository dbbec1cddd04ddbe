"""`testbench/generated`: compare generated files with the sources, or rewrite them."""

import sys
from collections.abc import Sequence

from testbench.command_line import command_parser

from .documents import outdated

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare or write; return 1 if a file is not up to date."""
    parser = command_parser("generated", __doc__)
    parser.add_argument(
        "--write", action="store_true", help="rewrite files that are not up to date"
    )
    options = parser.parse_args(arguments)
    found = outdated()
    for path, content in found.items():
        if options.write:
            path.write_bytes(content)
        print(f"{path}: {'written' if options.write else 'not up to date'}")
    return int(bool(found) and not options.write)


if __name__ == "__main__":
    sys.exit(main())
