"""The order of the slow tests: last of all, and among them the longest first.

With two workers at it, the one must not begin with a long file when the other has nothing left.
"""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
LONGEST = ("systemd", "chaos", "dc0", "golden", "daemon", "quicklook")


def begins(item: pytest.Item) -> int:
    """Return the position of a test's group; tests of one group keep their order."""
    if not item.path.is_relative_to(HERE):
        return -1
    folder = item.path.relative_to(HERE).parts[0]
    return LONGEST.index(folder) if folder in LONGEST else len(LONGEST)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=begins)
