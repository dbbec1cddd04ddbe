"""The content of the Debian package, inspected without installing it."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import msgspec
import pytest

from eclgrmd import __version__
from eclgrmd.cli import COMMANDS, control
from eclgrmd.settings.daemon import Settings
from tests.support.checkout import CHECKOUT
from tests.support.programs import needs_program
from tests.unit.packaging.conftest import Distribution

UNIT = CHECKOUT / "packaging" / "systemd" / "eclgrmd.service"
needs_systemd = needs_program("systemd-analyze", package="systemd")


def said(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=CHECKOUT,
        env={**os.environ, **environment},
    )


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the package without its environment."""
    built = []
    for number in (1, 2):
        output = tmp_path_factory.mktemp(f"deb{number}")
        options = ("--bare", "--compression", "gzip", "--output", output)
        done = said(CHECKOUT / "packaging" / "build-deb", *options, SOURCE_DATE_EPOCH="1767225600")
        assert done.returncode == 0, done.stderr
        built.append(Path(done.stdout.strip()))
    assert built[0].read_bytes() == built[1].read_bytes()
    return built[0]


@needs_program("lintian", package="lintian")
def test_lintian_finds_nothing(bare: Path) -> None:
    done = said("lintian", "--fail-on", "error,warning", bare)
    assert done.returncode == 0, done.stdout + done.stderr


@needs_systemd
def test_the_unit_is_exposed_to_little() -> None:
    done = said("systemd-analyze", "security", "--offline=true", "--threshold=15", UNIT)
    assert done.returncode == 0, done.stdout


@needs_systemd
def test_the_unit_has_no_unknown_key(tmp_path: Path) -> None:
    text = UNIT.read_text(encoding="utf-8").replace("/usr/lib/eclgrmd/bin/eclgrmd", "/bin/true")
    unit = tmp_path / "eclgrmd.service"
    unit.write_text(text, encoding="utf-8")
    shutil.copy(UNIT.with_suffix(".socket"), tmp_path)
    done = said("systemd-analyze", "verify", "--recursive-errors=yes", "--man=no", unit)
    assert done.returncode == 0, done.stderr
    assert "Unknown" not in done.stderr


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("man")
    done = said(sys.executable, CHECKOUT / "packaging" / "man" / "pages.py", CHECKOUT, folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_every_setting_is_in_its_page(pages: Path) -> None:
    page = (pages / "eclgrmd.toml.5").read_text(encoding="utf-8")
    for table in msgspec.structs.fields(Settings):
        section = page.split(f'.SH "[{table.name}]"')[1].split(".SH")[0]
        for key in msgspec.structs.fields(table.type):
            assert f'.BR {key.name} " = ' in section, f"{table.name}.{key.name}"


@pytest.mark.parametrize(
    ("file", "program", "commands"),
    [("eclgrmd.8", "eclgrmd", COMMANDS), ("eclgrmctl.1", "eclgrmctl", control.COMMANDS)],
)
def test_every_command_is_in_its_page(
    pages: Path, file: str, program: str, commands: dict[str, str]
) -> None:
    page = (pages / file).read_text(encoding="utf-8")
    for name in commands:
        assert f".SS {name}\n" in page
        assert f"Usage: {program} {name.replace('-', chr(92) + '-')}" in page


@needs_program("man", package="man-db")
def test_the_pages_can_be_read(pages: Path) -> None:
    for page in pages.iterdir():
        done = said("man", "--warnings", "-l", page, LC_ALL="C.UTF-8", MANWIDTH="80")
        assert done.returncode == 0
        assert done.stderr == ""
        assert "NAME" in done.stdout


def completed(folder: Path, words: str) -> set[str]:
    """Return the completions of a command line by bash, with the script of the package."""
    program = words.split(maxsplit=1)[0]
    script = (
        f'PATH="{Path(sys.executable).parent}:$PATH"; . {folder}/bash/{program}; '
        'COMP_WORDS=($0 ""); [ -n "${0##* }" ] && COMP_WORDS=($0); '
        "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); "
        f'_{program}_completion {program} "${{COMP_WORDS[COMP_CWORD]}}"; '
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = said("bash", "-c", script, words)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_bash_completes_commands_and_options(tmp_path: Path) -> None:
    done = said(sys.executable, CHECKOUT / "packaging" / "completions.py", tmp_path)
    assert done.returncode == 0, done.stderr
    assert completed(tmp_path, "eclgrmd ") >= set(COMMANDS)
    wanted = {name for name in COMMANDS if name.startswith("re")}
    assert completed(tmp_path, "eclgrmd re") == wanted
    assert completed(tmp_path, "eclgrmd serve --s") == {"--settings"}
    assert completed(tmp_path, "eclgrmctl re") == {"release", "rerun", "retract"}


def test_wheel_and_sdist_hold_what_they_should(distribution: Distribution) -> None:
    in_wheel = set(zipfile.ZipFile(distribution.wheel).namelist())
    for path in (CHECKOUT / "eclgrmd").rglob("*"):
        if path.suffix in {".py", ".sql", ".json"} and "__pycache__" not in path.parts:
            assert str(path.relative_to(CHECKOUT)) in in_wheel
    assert not [name for name in in_wheel if name.startswith(("tests", "testbench", "packaging"))]
    with tarfile.open(distribution.sdist) as archive:
        in_sdist = set(archive.getnames())
    root = f"eclgrmd-{__version__.replace('-dev', '.dev0')}"  # as PEP 440 writes it
    for name in ("pyproject.toml", "packaging/build-deb", "tests/run", "etc/eclgrmd.toml"):
        assert f"{root}/{name}" in in_sdist


def test_an_installed_wheel_runs_outside_the_checkout(
    distribution: Distribution, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    done = said(sys.executable, "-m", "zipfile", "--extract", distribution.wheel, site)
    assert done.returncode == 0, done.stderr
    program = "import eclgrmd.cli, json, sys; print(json.dumps(eclgrmd.__file__)); "
    program += "sys.exit(eclgrmd.cli.main(['check-config']))"
    run = subprocess.run(
        [sys.executable, "-P", "-c", program],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={"PYTHONPATH": str(site), "HOME": str(tmp_path), "PATH": os.defpath},
    )
    assert run.returncode == 0, run.stderr
    where, answer = run.stdout.splitlines()
    assert json.loads(where).startswith(str(tmp_path))
    assert answer == "defaults: valid"
