"""`testbench/docs`: build the documentation as HTML pages, without network."""

import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from testbench.checkout import CHECKOUT
from testbench.command_line import command_parser

from .blocks import PAGES
from .notebooks import write_notebooks
from .running import PageError

__all__ = ["main"]

OUTPUT = CHECKOUT / "eclgrmd" / "api" / "manual"
"""Where the daemon looks for the pages that it serves at `/docs`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the pages; return 1 if there was a warning or the code of a page failed."""
    parser = command_parser("docs", __doc__)
    parser.add_argument(
        "--output", type=Path, default=OUTPUT, metavar="DIR",
        help="folder for the pages, which is replaced (default: that which the daemon serves)",
    )  # fmt: skip
    parser.add_argument(
        "--no-run", action="store_true", help="do not run the code of pages; they show no output"
    )
    parser.add_argument(
        "--notebooks", type=Path, metavar="DIR",
        help="only write the tutorials as notebooks into this folder",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    if options.notebooks:
        for path in write_notebooks(PAGES / "tutorials", options.notebooks):
            print(path)
        return 0
    from .build import assemble, build  # noqa: PLC0415 - Sphinx takes a second to import

    with tempfile.TemporaryDirectory(prefix="eclgrmd-docs-") as folder:
        source, made = Path(folder) / "source", Path(folder) / "html"
        source.mkdir()
        try:
            assemble(source, run=not options.no_run)
        except PageError as error:
            print(f"testbench/docs: {error}", file=sys.stderr)
            return 1
        status = build(source, made)
        if status == 0:
            shutil.rmtree(options.output, ignore_errors=True)
            shutil.copytree(made, options.output)
            print(f"{sum(1 for _ in options.output.rglob('*.html'))} pages in {options.output}")
    return status


if __name__ == "__main__":
    sys.exit(main())
