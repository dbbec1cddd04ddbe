"""Runs the code of one page: `python -m testbench.documentation.session FILE`.

Blocks come as JSON on standard input, their outputs go as JSON into the file. Python blocks
share their names; each block of shell commands is a script of its own. Both run in the working
folder. Figures of matplotlib become PNG files there.
"""

import ast
import contextlib
import io
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import matplotlib as mpl
import msgspec
from matplotlib import pyplot as plt

from .blocks import Block, Output

__all__ = ["main"]

_FIGURES = "documentation-figure-{number}.png"
_DPI = 110


def main() -> int:
    """Run the blocks until one fails; return the exit status."""
    mpl.use("agg")
    blocks = msgspec.json.decode(sys.stdin.buffer.read(), type=list[Block])
    outputs: list[Output] = []
    names: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks:
        try:
            outputs.append(_shell(block) if block.language == "sh" else _python(block, names))
        except BaseException as error:  # noqa: BLE001 - a page may raise anything
            shown = "".join(traceback.format_exception(error))
            sys.stderr.write(f"line {block.line}:\n{block.code}\n{shown}\n")
            return 1
    Path(sys.argv[1]).write_bytes(msgspec.json.encode(outputs))
    return 0


def _shell(block: Block) -> Output:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.code], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"status {done.returncode}\n{done.stdout}\n{done.stderr}")
    return Output(text=done.stdout)


def _python(block: Block, names: dict[str, Any]) -> Output:
    tree = ast.parse(block.code)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    said = io.StringIO()
    value = None
    with contextlib.redirect_stdout(said):
        exec(compile(tree, "<page>", "exec"), names)  # noqa: S102 - our own pages
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "<page>", "eval"), names)  # noqa: S307
    figures = _figures()
    html = getattr(value, "_repr_html_", lambda: None)()
    is_shown = value is not None and html is None and not figures
    return Output(
        text=said.getvalue() + (f"{value!r}\n" if is_shown else ""),
        html=html or "",
        figures=figures,
    )


def _figures() -> tuple[str, ...]:
    names = []
    for number in plt.get_fignums():
        name = _FIGURES.format(number=len(list(Path.cwd().glob(_FIGURES.format(number="*")))))
        plt.figure(number).savefig(name, dpi=_DPI, metadata={"Software": None})
        names.append(name)
    plt.close("all")
    return tuple(names)


if __name__ == "__main__":
    sys.exit(main())
