"""The package, a newer one, and a booted system on which the first is installed."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from support.booted import Box, running_box, why_not
from support.installation import NEWER, Packages, Rest, inside

CHECKOUT = Path(__file__).resolve().parents[3]
BUILD = CHECKOUT / "build" / "systemd-test"
# One date for all: numba takes machine code for old when the source file's time has changed.
DATE = "1767225600"


@pytest.fixture(scope="session")
def permitted() -> None:
    if reason := why_not():
        pytest.skip(f"no booted system can be made: {reason}")


def build(*options: str | Path) -> Path:
    """Build a package with the command that people use."""
    done = subprocess.run(
        [CHECKOUT / "packaging" / "build-deb", "--compression", "none", *options],
        env={**os.environ, "SOURCE_DATE_EPOCH": DATE},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


def newer_sources(folder: Path) -> Path:
    """Copy the sources and let them be a release that changes the schema."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("eclgrmd", "etc", "packaging"):
        skipped = shutil.ignore_patterns("__pycache__")
        shutil.copytree(CHECKOUT / name, folder / name, ignore=skipped)
    for name in ("pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE"):
        shutil.copy2(CHECKOUT / name, folder / name)
    package = folder / "eclgrmd" / "__init__.py"
    text = re.sub(r'__version__ = ".*"', f'__version__ = "{NEWER}"', package.read_text())
    package.write_text(text)
    migration = folder / "eclgrmd" / "store" / "migrations" / "9999_newer.sql"
    migration.write_text("ALTER TABLE burst ADD COLUMN newer INT NULL;\n")
    return folder


@pytest.fixture(scope="session")
def packages(permitted: None, tmp_path_factory: pytest.TempPathFactory) -> Packages:
    output = BUILD / "packages"
    shutil.rmtree(output, ignore_errors=True)
    now = build("--output", output)
    source = newer_sources(tmp_path_factory.mktemp("newer") / "source")
    return Packages(now, build("--output", output, "--source", source))


def numerics() -> str:
    """Digest what machine code is made from."""
    digest = sha256((CHECKOUT / "packaging" / "requirements.lock").read_bytes())
    for path in sorted((CHECKOUT / "eclgrmd" / "analysis").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


@pytest.fixture(scope="session")
def box(packages: Packages, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """A booted system with the package installed, as an administrator does it."""
    kernels = BUILD / f"kernels-{numerics()}"
    kernels.mkdir(parents=True, exist_ok=True)
    with running_box(tmp_path_factory.mktemp("box"), [packages.now.parent, kernels]) as box:
        # Machine code of an earlier run, as the same numerics installed again would find it.
        box.run("systemd-sysusers", "--inline", 'u eclgrmd - "eclgrmd daemon" /var/lib/eclgrmd')
        seed = f"cp -r /box/{kernels.name} /var/cache/eclgrmd; chown -R eclgrmd: /var/cache/eclgrmd"
        box.run("sh", "-c", seed)
        box.run("dpkg", "--force-unsafe-io", "-i", inside(packages.now), limit_s=400)
        keep = kernels.with_suffix(".new")
        shutil.rmtree(keep, ignore_errors=True)
        shutil.copytree(f"/proc/{box.pid}/root/var/cache/eclgrmd", keep)
        shutil.rmtree(kernels)
        keep.rename(kernels)
        yield box


@pytest.fixture(scope="session")
def rest(box: Box) -> Rest:
    return Rest(box)


@pytest.fixture
def serving(box: Box, rest: Rest) -> Callable[[], None]:
    """Wait until the daemon serves."""

    def wait() -> None:
        box.until(lambda: box.shown("ActiveState") == "active" and rest.ready())

    return wait
