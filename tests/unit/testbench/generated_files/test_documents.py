"""Generated files are up to date, and outdated ones are detected."""

from pathlib import Path

import pytest
from msgspec import Struct
from ruamel.yaml import YAML

from eclgrmd.model.configuration.keys import StepName, declared_keys
from eclgrmd.model.configuration.layers import Layer, nested, resolve
from eclgrmd.model.configuration.sections import TaskConfiguration
from testbench.generated_files.documents import DOCUMENTS, outdated
from testbench.generated_files.task_yaml import encode_task_yaml


def test_the_committed_files_are_up_to_date() -> None:
    assert list(outdated()) == [], "run `testbench/generated --write`"


@pytest.mark.parametrize("spoiled", DOCUMENTS, ids=lambda path: path.name)
def test_a_file_that_lacks_a_line_is_out_of_date(tmp_path: Path, spoiled: Path) -> None:
    for path, make in DOCUMENTS.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(make())
    assert outdated(tmp_path) == {}
    lines = (tmp_path / spoiled).read_bytes().splitlines(keepends=True)
    (tmp_path / spoiled).write_bytes(b"".join(lines[:-1]))
    assert list(outdated(tmp_path)) == [tmp_path / spoiled]


@pytest.mark.parametrize(
    "line",
    [
        "One of: automatic, file, intervals.",
        "Example: [[-50, -10], [60, 120]]",
        "At least 100, at most 100000.",
        "models: [band, cpl, pl]",
        "flux_bands_kev: [[10.0, 1000.0], [15.0, 5000.0], [4.0, 120.0], [50.0, 300.0]]",
        "seed: 20170101",
    ],
)
def test_the_documented_configuration_shows_words_limits_examples_and_values(line: str) -> None:
    text = " ".join(encode_task_yaml().decode().replace("\n  # ", " ").split())
    assert line in text


def test_a_key_names_the_steps_that_take_it() -> None:
    keys = dict(declared_keys(TaskConfiguration))
    assert keys["/duration/bootstrap"].steps == (StepName.DURATIONS, StepName.PHOTONS)
    assert keys["/schema"].steps == ()


EXAMPLES = {
    pointer: key.example for pointer, key in declared_keys(TaskConfiguration) if key.example
}


@pytest.mark.parametrize("pointer", EXAMPLES)
def test_every_example_is_a_valid_value(pointer: str) -> None:
    path = tuple(pointer.split("/")[1:])
    resolve(Layer("task", nested({path: YAML(typ="safe").load(EXAMPLES[pointer])})))


def test_a_key_that_declares_nothing_is_refused() -> None:
    class Wrong(Struct):
        """A section whose author forgot the steps."""

        new_s: float = 1.0
        """A key that is not in the documented configuration."""

    with pytest.raises(TypeError, match="/new_s declares no Key"):
        list(declared_keys(Wrong))
