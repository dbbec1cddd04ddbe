"""The clients take a token from a file or the environment, never from the command line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from eclgrmd.client import AsyncClient, RefusedError
from eclgrmd.model.access import Role
from tests.support.attack import Door


class Shell:
    def __init__(self, home: Path, door: Door) -> None:
        self.home, self.url = home, door.url

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [Path(sys.executable).parent / "eclgrmctl", *words],
            capture_output=True,
            text=True,
            check=False,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.home),
                "XDG_CONFIG_HOME": str(self.home),
                **environment,
            },
        )


@pytest.fixture
def shell(tmp_path: Path, door: Door) -> Shell:
    return Shell(tmp_path, door)


def test_without_a_token_the_sentence_says_what_is_missing(shell: Shell) -> None:
    done = shell.run("bursts", "--url", shell.url)
    assert done.returncode == 2
    assert "needs a token of role reader" in done.stderr


def test_the_environment_or_a_file_has_it(shell: Shell, tokens: dict[Role, str]) -> None:
    reader = tokens[Role.READER]
    assert shell.run("bursts", "--url", shell.url, ECLGRMCTL_TOKEN=reader).returncode == 0
    file = shell.home / "token"
    file.write_text(reader + "\n", encoding="utf-8")
    assert shell.run("bursts", "--url", shell.url, "--token-file", str(file)).returncode == 0
    (shell.home / "eclgrmctl.toml").write_text(
        f'default = "it"\n[profiles.it]\nurl = "{shell.url}"\ntoken_file = "{file}"\n',
        encoding="utf-8",
    )
    assert shell.run("bursts").returncode == 0
    # The token of a profile goes to its own server only.
    assert shell.run("bursts", "--url", shell.url).returncode == 2


def test_a_token_that_others_can_read_is_refused(shell: Shell, tokens: dict[Role, str]) -> None:
    file = shell.home / "eclgrmctl.toml"
    file.write_text(
        f'default = "it"\n[profiles.it]\nurl = "{shell.url}"\ntoken = "{tokens[Role.READER]}"\n',
        encoding="utf-8",
    )
    file.chmod(0o644)
    done = shell.run("bursts")
    assert done.returncode == 2
    assert "others can read it: chmod 600" in done.stderr
    file.chmod(0o600)
    assert shell.run("bursts").returncode == 0


async def test_the_client_of_python_has_it_too(door: Door, tokens: dict[Role, str]) -> None:
    async with AsyncClient(door.url, token=tokens[Role.READER]) as client:
        assert (await client.health()).ready
        assert isinstance([burst async for burst in client.bursts()], list)
        with pytest.raises(RefusedError, match="needs the role operator"):
            await client.retract("sb26112201", "forged")
