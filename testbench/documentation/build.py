"""Assembly of the pages, and their translation by Sphinx."""

import shutil
from pathlib import Path

from sphinx.cmd.build import main as sphinx_build

from testbench.checkout import CHECKOUT

from .blocks import PAGES, what_it_needs
from .explained import PARTS
from .notebooks import encode_notebook
from .pictures import PICTURES
from .reference import REFERENCE
from .running import with_outputs

__all__ = ["assemble", "build"]

_TABLES = ("testbench/accuracy", "testbench/bench/measured")
"""Folder of the committed tables of measured accuracy."""
_NOTEBOOKS = "tutorials"
"""Folder of the pages that are notebooks, too."""
_DOWNLOAD = "\n{{download}}`This page as a notebook <{name}>`\n\n"


def assemble(target: Path, *, run: bool) -> None:
    """Write all pages with everything that is generated into an empty folder.

    Parameters
    ----------
    target
        The folder.
    run
        Whether to run the code of pages and show its output.

    Raises
    ------
    PageError
        If the code of a page fails.
    """
    shutil.copytree(PAGES, target, dirs_exist_ok=True)
    for name, make in REFERENCE.items():
        _write(target / "reference" / f"{name}.md", make())
    for name, picture in PICTURES.items():
        _write(target / "_pictures" / f"{name}.svg", picture())
    for name, part in PARTS.items():
        _write(target / "_parts" / f"{name}.md", part())
    for folder in _TABLES:
        for path in sorted((CHECKOUT / folder).glob("*.txt")):
            _write(target / "_tables" / path.name, path.read_text(encoding="utf-8"))
    for path in sorted(PAGES.rglob("*.md")):
        place = path.relative_to(PAGES)
        page = path.read_text(encoding="utf-8")
        if what_it_needs(page) is None:
            continue
        shown = with_outputs(str(place.with_suffix("")), page, target / "_figures", run=run)
        if place.parts[0] == _NOTEBOOKS:
            notebook = target / place.with_suffix(".ipynb")
            notebook.write_bytes(encode_notebook(page))
            title, _, rest = shown.partition("\n")
            shown = title + "\n" + _DOWNLOAD.format(name=notebook.name) + rest
        _write(target / place, shown)


def build(source: Path, output: Path) -> int:
    """Translate assembled pages to HTML; return the exit status. A warning is an error."""
    options = ["-W", "--keep-going", "-q", "-b", "html", "-c", str(source)]
    doctrees = str(source.with_name("doctrees"))
    status: int = sphinx_build([*options, "-d", doctrees, str(source), str(output)])
    return status


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
