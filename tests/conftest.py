"""Fixtures for all tests."""

from pathlib import Path

import pytest
import structlog
from hypothesis import settings
from structlog.dev import ConsoleRenderer, plain_traceback

from tests.support.checkout import CHECKOUT

pytest_plugins = [
    "tests.support.plugins.blocking",
    "tests.support.plugins.guardian",
    "tests.support.plugins.servers",
    "tests.support.plugins.skips",
]

settings.register_profile("eclgrmd", deadline=None)  # the first call of a kernel compiles it
settings.load_profile("eclgrmd")

# The usual traceback of structlog shows all local variables: on a busy machine, drawing it in the
# event loop has kept answers of the database waiting beyond their limit.
*_processors, _ = structlog.get_config()["processors"]
structlog.configure(
    processors=[*_processors, ConsoleRenderer(colors=False, exception_formatter=plain_traceback)]
)


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
