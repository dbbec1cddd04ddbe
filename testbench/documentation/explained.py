"""Parts of the explanations that are made from the sources: packages and guarantees."""

import eclgrmd

from .markdown import code, table
from .pictures.layers import layers, summary_of

__all__ = ["PARTS", "guarantees"]


def guarantees() -> dict[str, str]:
    """Return the guarantees of the package's docstring, each with how it is kept and tested."""
    text = (eclgrmd.__doc__ or "").partition("\nGuarantees\n----------\n")[2]
    text = text.partition("\nGlossary\n")[0]
    found: dict[str, str] = {}
    promise: list[str] = []
    reason: list[str] = []
    for line in [*text.splitlines(), "end"]:
        if line.startswith(" "):
            reason.append(line.strip())
            continue
        if reason:
            found[" ".join(promise)] = " ".join(reason)
            promise, reason = [], []
        if line:
            promise.append(line)
    return found


def _guarantees_part() -> str:
    return "\n".join(
        f"**{promise.rstrip(':')}.**\n\n{reason[:1].upper()}{reason[1:]}\n"
        for promise, reason in guarantees().items()
    )


def _packages_part() -> str:
    rows = [(code(name), summary_of(name)) for layer in layers() for name in layer]
    return table(("package", "what it is"), rows)


PARTS = {"packages": _packages_part, "guarantees": _guarantees_part}
"""Generators of the parts by the name of their file, which a page includes."""
