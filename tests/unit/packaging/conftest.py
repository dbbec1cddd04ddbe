"""The wheel and the source distribution, built once."""

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.checkout import CHECKOUT


class Distribution(NamedTuple):
    """What is built from the sources for other machines."""

    wheel: Path
    sdist: Path


@pytest.fixture(scope="package")
def distribution(tmp_path_factory: pytest.TempPathFactory) -> Distribution:
    folder = tmp_path_factory.mktemp("distribution")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--directory", folder],
        capture_output=True,
        text=True,
        check=False,
        cwd=CHECKOUT,
    )
    assert done.returncode == 0, done.stderr
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return Distribution(wheel, sdist)
