"""Examples in docstrings run, wherever there are some."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import eclgrmd

PACKAGE = Path(eclgrmd.__file__).parent
WITH_EXAMPLES = sorted(
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    for path in PACKAGE.rglob("*.py")
    if ">>> " in path.read_text()
)


def test_there_are_examples() -> None:
    assert "eclgrmd.model.intervals" in WITH_EXAMPLES


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_examples_give_what_they_say(module: str) -> None:
    result = doctest.testmod(import_module(module))
    assert result.attempted > 0
    assert result.failed == 0
