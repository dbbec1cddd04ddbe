"""Pages whose code is run, with the output of each block below it."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from eclgrmd.threads import ONE_THREAD
from testbench.checkout import CHECKOUT

from .blocks import Block, Output, data_folder, parts_of, what_it_needs

__all__ = ["PageError", "run_page", "with_outputs"]

_ABSENT = """\
:::{{note}}
The data of this page ({needs}) were not there when it was made, so that it shows no output.
:::

"""


class PageError(Exception):
    """A block of a page has failed; the text has the page, the block and what it said."""


def run_page(name: str, page: str, data: Path | None, figures: Path) -> list[Output | None]:
    """Run the blocks of a page in a new folder; return the output of each, None: not run.

    Parameters
    ----------
    name
        Name of the page, which begins the names of its figures.
    page
        Its Markdown.
    data
        Folder of the data that it needs, which it finds in GRB_DATA; None: none.
    figures
        Folder for the figures.

    Raises
    ------
    PageError
        If a block fails.
    """
    blocks = [part for part in parts_of(page) if isinstance(part, Block)]
    with tempfile.TemporaryDirectory(prefix="eclgrmd-page-") as folder:
        desk = Path(folder)
        (desk / ".venv").symlink_to(sys.prefix)
        outputs = iter(_run(name, [each for each in blocks if each.is_run], desk, data))
        found = [next(outputs) if each.is_run else None for each in blocks]
        return [each and _kept(each, name, desk, figures) for each in found]


def with_outputs(name: str, page: str, figures: Path, *, run: bool) -> str:
    """Return a page with the output of its blocks.

    Without the data that it needs, and if `run` is False, a note stands for the output.
    """
    needs = what_it_needs(page)
    if needs is None:
        return page
    data = None if needs == "nothing" else data_folder(needs)
    if not run or (needs != "nothing" and data is None):
        title, _, rest = page.partition("\n\n")
        return f"{title}\n\n{_ABSENT.format(needs=needs)}{rest}"
    outputs = iter(run_page(name, page, data, figures))
    parts = []
    for part in parts_of(page):
        if isinstance(part, str):
            parts.append(part)
        else:
            parts.append(f"```{part.language}\n{part.code}```\n")
            parts.append(_shown(next(outputs), figures.name))
    return "".join(parts)


def _run(name: str, blocks: list[Block], desk: Path, data: Path | None) -> list[Output]:
    environment = {
        **os.environ,
        **ONE_THREAD,
        "PYTHONPATH": str(CHECKOUT),
        "PATH": f"{desk / '.venv' / 'bin'}:{os.environ['PATH']}",
        "COLUMNS": "100",
        **({"GRB_DATA": str(data)} if data else {}),
    }
    results = desk / ".outputs"
    done = subprocess.run(
        [sys.executable, "-m", "testbench.documentation.session", str(results)],
        input=msgspec.json.encode(blocks), cwd=desk, env=environment, check=False,
        capture_output=True,
    )  # fmt: skip
    if done.returncode:
        raise PageError(f"{name}: {done.stderr.decode(errors='replace')}")
    return msgspec.json.decode(results.read_bytes(), type=list[Output])


def _kept(output: Output, name: str, desk: Path, figures: Path) -> Output:
    """Move the figures of an output to those of the documentation."""
    figures.mkdir(parents=True, exist_ok=True)
    kept = []
    for each in output.figures:
        kept.append(f"{name.replace('/', '-')}-{each.rpartition('-')[2]}")
        shutil.move(desk / each, figures / kept[-1])
    return msgspec.structs.replace(output, figures=tuple(kept))


def _shown(output: Output | None, figures: str) -> str:
    if output is None:
        return ""
    parts = []
    if output.text.strip():
        parts.append(f"```{{code-block}} text\n:class: output\n\n{output.text.rstrip()}\n```\n")
    if output.html:
        parts.append(f"```{{raw}} html\n<div class='output'>{output.html}</div>\n```\n")
    parts += [f"![Figure drawn by the code above](/{figures}/{each})\n" for each in output.figures]
    return "\n" + "\n".join(parts) if parts else ""
