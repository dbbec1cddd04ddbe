"""The one entry to the commands of the testbench, and the scripts that call it."""

import inspect
import re
from importlib import import_module

import pytest

from testbench.__main__ import COMMANDS, main
from testbench.checkout import CHECKOUT

FOLDER = CHECKOUT / "testbench"
SCRIPT = re.compile(r'#!/usr/bin/env bash\nexec "\$\(dirname [^)]*\)/(?:\.\./)?run" (\S+) "\$@"\n')


def test_a_call_without_a_name_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    told = capsys.readouterr().out
    assert [name for name in COMMANDS if f"  {name} " not in told] == []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("goldn", "testbench: no command 'goldn'; did you mean golden?"),
        ("x", "testbench: no command 'x'; python -m testbench lists the commands"),
    ],
)
def test_an_unknown_name_is_refused_with_one_sentence(
    capsys: pytest.CaptureFixture[str], name: str, told: str
) -> None:
    assert main([name]) == 2
    assert capsys.readouterr().err.strip() == told


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_its_options_under_its_own_name(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out.split("\n", maxsplit=1)[0]
    assert shown.startswith((f"usage: testbench/{name} ", f"usage: python -m testbench {name} "))
    assert (FOLDER / name).is_file() == shown.startswith("usage: testbench/")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_its_arguments_and_returns_a_status(name: str) -> None:
    signature = inspect.signature(import_module(COMMANDS[name][0]).main)
    assert list(signature.parameters) == ["arguments"]
    assert signature.return_annotation is int


def test_every_script_beside_run_and_peers_calls_the_command_of_its_name() -> None:
    scripts = {
        str(path.relative_to(FOLDER)): path.read_text()
        for path in FOLDER.rglob("*")
        if path.is_file() and path.stat().st_mode & 0o100
    }
    assert {"run", "bench/peers", "dc0"} <= scripts.keys()
    called = {
        name: found and found[1]
        for name, text in scripts.items()
        if name not in {"run", "bench/peers"}
        for found in [SCRIPT.fullmatch(text)]
    }
    assert called == {name: name for name in called}
    assert called.keys() <= COMMANDS.keys()


def test_every_command_that_the_readme_calls_as_a_file_is_one() -> None:
    text = (CHECKOUT / "README.md").read_text() + (CHECKOUT / "CHANGELOG.md").read_text()
    named = set(re.findall(r"`(testbench/[a-z0-9_/]+)[ `\n]", text))
    assert [name for name in sorted(named) if not (CHECKOUT / name).exists()] == []
