"""Task configuration files are read safely in YAML, JSON and TOML."""

from pathlib import Path

import msgspec
import pytest

from eclgrmd.cli import main
from eclgrmd.errors import InputError
from eclgrmd.model.configuration.layers import leaves, resolve
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.settings.load import load_settings
from eclgrmd.settings.task_files import read_layer, read_value, site_layers
from tests.support.checkout import CHECKOUT

DOCUMENTED = CHECKOUT / "etc" / "task.yaml"


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_documented_file_shows_every_key_with_its_built_in_value() -> None:
    layer = read_layer(DOCUMENTED, "site")
    built_in = msgspec.json.decode(msgspec.json.encode(TaskConfiguration()))
    assert layer.values == built_in
    assert set(resolve(layer).sources.values()) == {"site"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "a.yaml",
            "duration: {false_alarm: 1e-3, t_min_s: -5}\nspectral:\n  models: [band, cpl]\n",
        ),
        (
            "a.json",
            (
                '{"duration": {"false_alarm": 1e-3, "t_min_s": -5},'
                ' "spectral": {"models": ["band", "cpl"]}}'
            ),
        ),
        (
            "a.toml",
            "[duration]\nfalse_alarm = 1e-3\nt_min_s = -5\n[spectral]\nmodels = ['band', 'cpl']\n",
        ),
    ],
)
def test_yaml_json_and_toml_say_the_same(tmp_path: Path, name: str, text: str) -> None:
    layer = read_layer(written(tmp_path, name, text), "task")
    found = resolve(layer).configuration
    assert (found.duration.false_alarm, found.duration.t_min_s) == (0.001, -5.0)
    assert found.spectral.models == ("band", "cpl")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seed: 1\nseed: 2\n", "duplicate key"),
        ("a: !!python/object/apply:os.system ['true']\n", "neither YAML"),
        ("[1, 2]\n", "must be a table"),
        ("1: 2\n", "must be a table"),
        ("a: [\n", "neither YAML"),
        ("#" * 1_000_001, "at most 1 MB"),
    ],
)
def test_what_is_no_configuration_is_told_with_its_file(
    tmp_path: Path, text: str, said: str
) -> None:
    path = written(tmp_path, "task.yaml", text)
    with pytest.raises(InputError, match=said) as caught:
        read_layer(path, "task")
    assert str(path) in str(caught.value)


def test_a_missing_file_is_told() -> None:
    with pytest.raises(InputError, match=r"/nowhere/task.yaml: No such file"):
        read_layer(Path("/nowhere/task.yaml"), "task")


def test_an_empty_file_sets_nothing(tmp_path: Path) -> None:
    assert read_layer(written(tmp_path, "task.yaml", "# nothing\n"), "task").values == {}


def test_the_sites_file_lies_beside_the_settings_and_is_checked_with_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = written(tmp_path, "eclgrmd.toml", "[tasks]\nconfiguration_file = 'site.yaml'\n")
    path = written(tmp_path, "site.yaml", "seed: 5\n")
    assert load_settings(settings, {}).tasks.configuration_file == str(path)
    assert site_layers(str(path))[0].values == {"seed": 5}
    assert main(["check-config", "--settings", str(settings)]) == 0

    path.write_text("background: {order: 9}\n", encoding="utf-8")
    assert main(["check-config", "--settings", str(settings)]) == 2
    told = capsys.readouterr().err
    assert f"{path}: site configuration: " in told
    assert "<= 4 - at `/background/order`" in told


def test_explain_config_tells_each_value_and_its_layer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = written(tmp_path, "eclgrmd.toml", "[tasks]\nconfiguration_file = 'site.yaml'\n")
    written(tmp_path, "site.yaml", "per_instrument: {GRM: {background: {order: 1}}}\n")
    task = written(tmp_path, "task.yaml", "spectral: {models: [cpl]}\n")
    assert main(["explain-config", str(task), "--settings", str(settings)]) == 0

    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["/spectral/models", '["cpl"]', "task"] in lines
    assert ["/per_instrument/GRM/background/order", "1", "site,", "GRM"] in lines
    assert ["/background/order", "null", "built-in"] in lines
    every = [path for path, _ in leaves(msgspec.to_builtins(TaskConfiguration()))]
    assert len(lines) > len(every)


ALIASES = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join(9 * [f'*{old}'])}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '{"a":' * 3000 + "1" + "}" * 3000),
        ("a.json", '{"seed":' + 5000 * "9" + "}"),
        ("a.json", '{"seed":' + 100 * "9" + "}"),
        ("a.json", '{"detectors":["\\ud800"]}'),
        ("a.toml", "seed = " + 3000 * "[" + 3000 * "]"),
        ("a.toml", "seed = " + 5000 * "9"),
        ("a.yaml", "seed: " + 3000 * "[" + 3000 * "]"),
        ("a.yaml", "seed: " + 200 * "[" + 200 * "]"),
        ("a.yaml", ALIASES),
        ("a.yaml", "detectors: &d [*d]"),
    ],
)
def test_what_no_message_can_hold_is_refused_in_a_sentence(
    tmp_path: Path, name: str, text: str
) -> None:
    path = written(tmp_path, name, text)
    with pytest.raises(InputError, match=name) as told:
        resolve(read_layer(path, "task"))
    assert "\n" not in str(told.value)


def test_aliases_are_taken_as_far_as_they_stay_small(tmp_path: Path) -> None:
    path = written(tmp_path, "a.yaml", "detectors: &d [n0, n1]\ninstruments: []\n")
    assert read_layer(path, "task").values["detectors"] == ["n0", "n1"]
    path = written(tmp_path, "b.yaml", "a: &a [1, 2]\nb: *a\n")
    assert read_layer(path, "task").values == {"a": [1, 2], "b": [1, 2]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: {[1, [2]]: 3}", "neither YAML, JSON nor"),
        ('{"a": ["b"], ["c", [1]]}', "neither YAML, JSON nor"),
        ("seed: " + "[" * 3000 + "]" * 3000, "nested more than 100 levels deep"),
        ('{"seed": ' + "[" * 300_000 + "]" * 300_000 + "}", "YAML may have at most 100000"),
        ("seed: 1 #" + "x" * 100_000, "YAML may have at most 100000"),
        ('{"seed": 1, "seed": 2}', "neither YAML, JSON nor"),
    ],
)
def test_what_a_library_fails_at_or_takes_long_for_is_refused(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(InputError, match=said) as refusal:
        read_layer(written(tmp_path, "a.yaml", text), "task")
    assert str(refusal.value).startswith(str(tmp_path / "a.yaml"))


def test_large_json_is_read_though_yaml_may_not_be_as_large(tmp_path: Path) -> None:
    many = ", ".join(f'"d{number}"' for number in range(50_000))
    layer = read_layer(written(tmp_path, "a.json", f'{{"detectors": [{many}]}}'), "task")
    assert len(layer.values["detectors"]) == 50_000


@pytest.mark.parametrize(("text", "value"), [("null", None), ("", None), ("[1, 2]", [1, 2])])
def test_one_value_is_read_as_what_it_is(text: str, value: object) -> None:
    assert read_value(text) == value
