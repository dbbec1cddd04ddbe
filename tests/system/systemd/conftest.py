"""The package, a newer one, and a booted system on which the first is installed."""

import py_compile
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from hashlib import sha1
from pathlib import Path
from py_compile import PycInvalidationMode

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


def build(output: Path) -> Path:
    """Build the package with the command that people use."""
    done = subprocess.run(
        [CHECKOUT / "packaging" / "build-deb", "--compression", "none", "--output", output],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


def build_newer(package: Path, folder: Path) -> Path:
    """Pack the content of a package again, as a release that changes the schema."""
    subprocess.run(["dpkg-deb", "--raw-extract", package, folder], check=True)
    _change(folder / "DEBIAN" / "control", "Version: .*", f"Version: {NEWER}-1")
    program = folder / INSTALLED.relative_to("/") / "eclgrmd"
    source = program / "__init__.py"
    _change(source, '__version__ = ".*"', f'__version__ = "{NEWER}"')
    # Python uses the bytecode of an installation without a look at the source.
    py_compile.compile(str(source), invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
    migration = program / "store" / "migrations" / "9999_newer.sql"
    migration.write_text("ALTER TABLE burst ADD COLUMN newer INT NULL;\n")
    newer = package.with_name(f"eclgrmd_{NEWER}-1.deb")
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Znone", "--build", folder, newer],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return newer


def _change(path: Path, pattern: str, text: str) -> None:
    changed, count = re.subn(pattern, text, path.read_text(encoding="utf-8"))
    assert count == 1, f"{pattern} is {count} times in {path}"
    path.write_text(changed, encoding="utf-8")


@pytest.fixture(scope="session")
def packages(permitted: None, tmp_path_factory: pytest.TempPathFactory) -> Packages:
    output = BUILD / "packages"
    shutil.rmtree(output, ignore_errors=True)
    now = build(output)
    return Packages(now, build_newer(now, tmp_path_factory.mktemp("newer") / "root"))


def carry_kernels(folder: Path) -> None:
    """Copy the checkout's machine code to where the installation looks for it.

    Numba looks by the path of the sources, and compares their content. What another test has it
    write just now has a passing name.
    """
    sources = CHECKOUT / "eclgrmd" / "analysis"
    folders = {path.parent for path in sources.rglob("*.py")}
    parts = {f"{path.name}_{digest(path)}": path for path in folders}
    for kept in (sources / "__pycache__" / "kernels").glob("*/*"):
        if (part := parts.get(kept.name)) is None:
            continue  # of sources that were moved since
        installed = INSTALLED / part.relative_to(CHECKOUT)
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
