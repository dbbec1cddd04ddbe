"""Documents on disk: one small JSON file each, formatted so that Git shows what changed."""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .difference import Difference, differences

__all__ = ["compare_folder", "read_folder", "write_folder"]

_DIGITS = 8
"""Significant digits that are kept: two more than are compared."""
_WIDTH = 320
"""Longest value on one line, characters; longer values take several lines."""


def write_folder(folder: Path, documents: Mapping[str, Any]) -> None:
    """Replace the documents of a folder, named by their paths without `.json`."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, document in documents.items():
        path = folder / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_text(document) + "\n", encoding="utf-8")


def read_folder(folder: Path) -> dict[str, Any]:
    """Read all documents of a folder."""
    return {
        str(path.relative_to(folder).with_suffix("")): json.loads(path.read_bytes())
        for path in sorted(folder.rglob("*.json"))
    }


def compare_folder(folder: Path, ours: Mapping[str, Any]) -> Iterator[Difference]:
    """Yield all differences between the documents of a folder and ours."""
    plain = json.loads(json.dumps(ours, allow_nan=False))  # tuples and enums as in the files
    yield from differences(read_folder(folder), plain)


def _text(value: Any, indent: str = "") -> str:
    """Write JSON with sorted keys; values that fit on a line take one line."""
    flat = json.dumps(_rounded(value), sort_keys=True, ensure_ascii=False, allow_nan=False,
                      separators=(",", ":"))  # fmt: skip
    if len(indent) + len(flat) <= _WIDTH or not isinstance(value, dict | list | tuple):
        return flat
    deeper = indent + " "
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}:{_text(value[key], deeper)}" for key in sorted(value)]
        return "{\n" + ",\n".join(deeper + part for part in parts) + "\n" + indent + "}"
    if all(not isinstance(each, dict | list | tuple | str) for each in value):
        return flat
    parts = [_text(each, deeper) for each in value]
    return "[\n" + ",\n".join(deeper + part for part in parts) + "\n" + indent + "]"


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}")
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in value]
    return value
