"""The threat model names tests that exist."""

import ast
import re

import pytest

from tests.support.checkout import CHECKOUT

TEXT = (CHECKOUT / "packaging" / "docs" / "explanation" / "threat-model.md").read_text(
    encoding="utf-8"
)
NAMED = re.compile(r"`(?:(tests/[\w/]+\.py)::)?(test_\w+)`")


def named_tests() -> list[tuple[str, str]]:
    """Return file and name of each test; one without a file is in that of the test before it."""
    found, file = [], ""
    for path, name in NAMED.findall(TEXT):
        file = path or file
        found.append((file, name))
    return found


@pytest.mark.parametrize(("file", "name"), named_tests())
def test_a_named_test_exists(file: str, name: str) -> None:
    tree = ast.parse((CHECKOUT / file).read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    assert name in {node.name for node in tree.body if isinstance(node, kinds)}


def test_every_threat_has_its_test() -> None:
    rows = [line for line in TEXT.splitlines() if line.startswith("|") and "---" not in line]
    without = [row for row in rows if "threat | defence" not in row and not NAMED.search(row)]
    assert rows
    assert without == []
