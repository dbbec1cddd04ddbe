"""Parts of the explanations that are made from the sources: packages and guarantees."""

import re

import eclgrmd

from .markdown import code, table
from .pictures.layers import layers, summary_of

__all__ = ["PARTS", "guarantees"]

_BARE_TEST = re.compile(r"(?<![`/\w])(test_\w+)(?![`\w.]*`)")
"""Name of a test that is not written as code."""


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
        f"**{promise.rstrip(':')}.**\n\n{_sentences(reason)}\n"
        for promise, reason in guarantees().items()
    )


def _sentences(reason: str) -> str:
    """Return how a guarantee is kept as sentences, with the names of tests as code."""
    text = _BARE_TEST.sub(r"`\1`", reason)
    if text.startswith("("):
        tests, _, rest = text[1:].partition(")")
        return f"Tested by {tests}{rest}"
    return text[:1].upper() + text[1:]


def _packages_part() -> str:
    rows = [(code(name), summary_of(name)) for layer in layers() for name in layer]
    return table(("package", "what it is"), rows)


PARTS = {"packages": _packages_part, "guarantees": _guarantees_part}
"""Generators of the parts by the name of their file, which a page includes."""
