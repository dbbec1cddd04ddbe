"""Settings come from file and environment; an invalid one is named and prevents the start."""

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from eclgrmd.errors import FatalError
from eclgrmd.settings.daemon import Settings
from eclgrmd.settings.kinds import needs_restart
from eclgrmd.settings.load import load_settings, read_secret
from tests.support.checkout import CHECKOUT

DOCUMENTED = CHECKOUT / "etc" / "eclgrmd.toml"


def written(folder: Path, text: str) -> Path:
    path = folder / "eclgrmd.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_documented_file_shows_every_key_with_its_default() -> None:
    shown = tomllib.loads(DOCUMENTED.read_text(encoding="utf-8"))
    defaults = msgspec.json.decode(msgspec.json.encode(Settings()))
    assert shown == defaults


def test_the_documented_file_marks_the_keys_that_need_a_restart() -> None:
    marked, section = set(), ""
    for line in DOCUMENTED.read_text(encoding="utf-8").splitlines():
        if found := re.match(r"\[(\w+)\]", line):
            section = found[1]
        elif found := re.match(r"(\w+) = .*# restart(;|$)", line):
            marked.add(f"{section}.{found[1]}")
    assert marked == {
        f"{section.name}.{key.name}"
        for section in msgspec.structs.fields(Settings)
        for key in msgspec.structs.fields(section.type)
        if needs_restart(key)
    }


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "[rest]\nport = 1\n[compute]\nworkers = 3\n")
    settings = load_settings(path, {"ECLGRMD_REST_PORT": "0", "ECLGRMD_SERVICE_LINKS": "a,b"})
    assert (settings.rest.port, settings.compute.workers) == (0, 3)
    assert settings.service.links == ("a", "b")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[rest]\nprot = 1\n", r"unknown field `prot` - at `/rest` \(allowed: .*port"),
        ("[rset]\n", r"unknown field `rset` \(allowed: automatic, compute"),
        ("[rest]\nport = '80'\n", r"Expected `int`, got `str` - at `/rest/port`"),
        ("[rest]\nport = 70000\n", r"<= 65535 - at `/rest/port`"),
        ("[log]\nlevel = 'loud'\n", "allowed: debug, error, info, warning"),
        ("[database]\nurl = 'postgres://x'\n", "must start with mysql://"),
        ("[database]\nurl = 'mysql://u:secret@h/d'\n", "password_file"),
        (
            "[compute]\ndask = 'tcp://10.0.0.1:8786'\n",
            r"compute\.dask = .* must be tls://host:port",
        ),
        ("[rest\n", "not TOML"),
    ],
)
def test_a_wrong_setting_is_told_with_file_key_and_what_is_right(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(FatalError, match=said) as caught:
        load_settings(written(tmp_path, text), {})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("ECLGRMD_REST_PROT", "1", "no such setting .allowed: .*ECLGRMD_REST_PORT"),
        ("ECLGRMD_REST_PORT", "many", "environment variable ECLGRMD_REST_PORT: Expected `int`"),
    ],
)
def test_a_wrong_variable_is_told(variable: str, value: str, said: str) -> None:
    with pytest.raises(FatalError, match=said):
        load_settings(None, {variable: value})


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(FatalError, match="No such file"):
        load_settings(tmp_path / "none.toml", {})


def test_a_secret_is_read_from_systemds_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "password").write_text("hush\n", encoding="utf-8")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert read_secret("%d/password", key="database.password_file") == "hush"
    with pytest.raises(FatalError, match=r"database\.password_file"):
        read_secret("%d/other", key="database.password_file")
