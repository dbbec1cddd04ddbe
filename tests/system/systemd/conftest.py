"""The package, a newer one, and a booted system on which the first is installed."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from hashlib import sha1
from pathlib import Path

import pytest

from tests.support.checkout import CHECKOUT
from tests.support.limits import LIMIT_S
from tests.support.systemd.booted import Box, running_box, why_not
from tests.support.systemd.installation import NEWER, Packages, Rest, inside

BUILD = CHECKOUT / "build" / "systemd-test"
INSTALLED = Path("/usr/lib/eclgrmd/lib/python3.11/site-packages")


@pytest.fixture(scope="session")
def permitted() -> None:
    if reason := why_not():
        pytest.skip(f"no booted system can be made: {reason}")


def build(*options: str | Path) -> Path:
    """Build a package with the command that people use."""
    done = subprocess.run(
        [CHECKOUT / "packaging" / "build-deb", "--compression", "none", *options],
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


def carry_kernels(folder: Path) -> None:
    """Copy the checkout's machine code to where the installation looks for it.

    Numba looks by the path of the sources, and compares their content. What another test has it
    write just now has a passing name.
    """
    sources = CHECKOUT / "eclgrmd" / "analysis"
    for part in (sources, *(path for path in sources.iterdir() if path.is_dir())):
        installed = INSTALLED / part.relative_to(CHECKOUT)
        wanted = f"{part.name}_{digest(part)}"
        for kept in (sources / "__pycache__" / "kernels").glob(f"*/{wanted}"):
            place = folder / kept.parent.name / f"{part.name}_{digest(installed)}"
            shutil.copytree(kept, place, ignore=shutil.ignore_patterns("*.tmp.*"))


def digest(path: Path) -> str:
    return sha1(str(path).encode(), usedforsecurity=False).hexdigest()


@pytest.fixture(scope="session")
def box(packages: Packages, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """A booted system with the package installed, as an administrator does it."""
    kernels = tmp_path_factory.mktemp("kernels", numbered=False)
    carry_kernels(kernels)
    with running_box(tmp_path_factory.mktemp("box"), [packages.now.parent, kernels]) as box:
        box.run("systemd-sysusers", "--inline", 'u eclgrmd - "eclgrmd daemon" /var/lib/eclgrmd')
        seed = f"cp -r /box/{kernels.name} /var/cache/eclgrmd; chown -R eclgrmd: /var/cache/eclgrmd"
        box.run("sh", "-c", seed)
        box.run("dpkg", "--force-unsafe-io", "-i", inside(packages.now), limit_s=LIMIT_S)
        yield box


@pytest.fixture(scope="session")
def rest(box: Box) -> Rest:
    box.until(lambda: box.shown("ActiveState") == "active")
    as_daemon = ("runuser", "-u", "eclgrmd", "--", "eclgrmd")
    new = ("token", "create", "--role", "operator", "--name", "tests")
    return Rest(box, box.out(*as_daemon, *new, "--settings", "/etc/eclgrmd/eclgrmd.toml"))


@pytest.fixture
def serving(box: Box, rest: Rest) -> Callable[[], None]:
    """Wait until the daemon serves."""

    def wait() -> None:
        box.until(lambda: box.shown("ActiveState") == "active" and rest.ready())

    return wait
