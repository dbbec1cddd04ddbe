"""The order of all tests: those of the system first, and among them the longest.

They mostly wait, for a daemon or a timer, while another worker computes; the many short files of
the unit tests then fill the time until the last worker has ended.
"""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
LONGEST = ("systemd", "chaos", "dc0", "golden", "daemon", "quicklook")


def begins(item: pytest.Item) -> int:
    """Return the position of a test's group; tests of one group keep their order."""
    if not item.path.is_relative_to(HERE):
        return len(LONGEST) + 1
    folder = item.path.relative_to(HERE).parts[0]
    return LONGEST.index(folder) if folder in LONGEST else len(LONGEST)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=begins)
