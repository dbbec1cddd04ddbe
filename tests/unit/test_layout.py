"""The folders of the tests mirror those of the sources, so that each is found from the other."""

from pathlib import Path

import pytest

from tests.support.checkout import CHECKOUT

MIRRORED = {
    "tests/unit": "eclgrmd",
    "tests/unit/packaging": "packaging",
    "tests/unit/testbench": "testbench",
    "tests/store": "eclgrmd/store",
}
"""By folder of tests: the sources that its sub-folders mirror. The longest path counts."""


def folders_of_tests(top: Path) -> set[Path]:
    """Return all folders below `top` with tests in them."""
    return {path.parent for path in top.rglob("test_*.py")}


def sources_of(folder: Path, checkout: Path) -> Path:
    """Return the folder of sources which a folder of tests mirrors."""
    within = folder.relative_to(checkout)
    top = max((top for top in MIRRORED if within.is_relative_to(top)), key=len)
    return checkout / MIRRORED[top] / within.relative_to(top)


def strangers(checkout: Path) -> list[str]:
    """Return the folders of tests without a folder of sources, relative to the checkout."""
    found = {each for top in MIRRORED for each in folders_of_tests(checkout / top)}
    return sorted(
        str(folder.relative_to(checkout))
        for folder in found
        if not sources_of(folder, checkout).is_dir()
    )


def test_each_folder_of_tests_has_its_folder_of_sources() -> None:
    assert strangers(CHECKOUT) == []


@pytest.mark.parametrize(
    ("tests", "sources", "found"),
    [
        ("tests/unit/formats/read", "eclgrmd/formats/read", []),
        ("tests/unit/formats/read", "eclgrmd/formats/write", ["tests/unit/formats/read"]),
        ("tests/unit/testbench/simulate", "testbench/simulate", []),
        ("tests/unit/simulate", "testbench/simulate", ["tests/unit/simulate"]),
        ("tests/store/sql", "eclgrmd/store/sql", []),
        ("tests/store/sql", "eclgrmd/sql", ["tests/store/sql"]),
    ],
)
def test_a_folder_without_sources_is_found(
    tmp_path: Path, tests: str, sources: str, found: list[str]
) -> None:
    (tmp_path / tests).mkdir(parents=True)
    (tmp_path / tests / "test_some.py").touch()
    (tmp_path / sources).mkdir(parents=True)
    assert strangers(tmp_path) == found


def test_no_test_touches_the_search_path() -> None:
    touching = ("sys.path.", "pythonpath")
    found = [
        f"{path.relative_to(CHECKOUT)}: {word}"
        for path in (CHECKOUT / "tests").rglob("*.py")
        for word in touching
        if word in path.read_text(encoding="utf-8") and path != Path(__file__)
    ]
    assert found == []
