"""The layers of the package, from the import contract that is checked in each run of the tests."""

import ast
import tomllib
from pathlib import Path

from testbench.checkout import CHECKOUT

from .svg import arrow, box, document, label

__all__ = ["layers", "layers_svg"]

_WIDTH, _ROW, _GAP, _LEFT = 780.0, 40.0, 10.0, 60.0


def layers() -> list[list[str]]:
    """Return the packages of each layer, the uppermost first."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    found = next(each for each in contracts if each["type"] == "layers")
    return [[name.strip() for name in layer.split("|")] for layer in found["layers"]]


def summary_of(name: str) -> str:
    """Return the first sentence of a package's or module's docstring."""
    folder = CHECKOUT / "eclgrmd" / name
    path = folder / "__init__.py" if folder.is_dir() else Path(f"{folder}.py")
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(text.partition("\n\n")[0].split())


def layers_svg() -> str:
    """Return the picture: a layer may import those below it and nothing else."""
    rows = layers()
    parts = []
    for number, row in enumerate(rows):
        y = 12.0 + number * (_ROW + _GAP)
        width = (_WIDTH - _LEFT - 12.0 - 8.0 * (len(row) - 1)) / len(row)
        for place, name in enumerate(row):
            left = _LEFT + place * (width + 8.0)
            size = min(13.0, (width - 6.0) / (0.72 * len(name)))
            parts.append(box(left, y, width, _ROW, name, bold=True, size=size))
    height = 12.0 + len(rows) * (_ROW + _GAP)
    parts.append(arrow([(30.0, 20.0), (30.0, height - 20.0)]))
    parts.append(label(30.0, 14.0, "imports", size=11))
    return document(_WIDTH, height, "Layers of eclgrmd: imports only point down", parts)
