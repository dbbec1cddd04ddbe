"""Fixtures for all tests."""

from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.checkout import CHECKOUT

pytest_plugins = [
    "tests.support.plugins.blocking",
    "tests.support.plugins.guardian",
    "tests.support.plugins.servers",
    "tests.support.plugins.skips",
]

settings.register_profile("eclgrmd", deadline=None)  # the first call of a kernel compiles it
settings.load_profile("eclgrmd")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data with published reference values, which lies beside the checkout."""
    folder = CHECKOUT.parent / "shared" / "data"
    if not (folder / "references.json").exists():
        pytest.skip(f"real data not here: {folder} does not exist")
    return folder


@pytest.fixture(scope="session")
def shared_cases() -> Path:
    """The folder of small inputs with known answers, which lies beside the checkout."""
    folder = CHECKOUT.parent / "shared" / "cases"
    if not folder.is_dir():
        pytest.skip(f"cases not here: {folder} does not exist")
    return folder
