"""A repeated run gives the same products bit for bit, or the replay lists the differences."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from eclgrmd.cli import main
from eclgrmd.errors import InputError
from eclgrmd.pipeline.earlier_run import read_earlier_run, replay_request
from eclgrmd.pipeline.replay import replay
from tests.support.bursts.pulse import light_curve_file


@pytest.fixture(scope="module")
def products(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the products of `eclgrmd analyze`, including figures and tables."""
    folder = tmp_path_factory.mktemp("replay")
    light_curve_file(folder)
    (folder / "task.yaml").write_text("duration: {bootstrap: 100}\nseed: 7\n")
    words = ["--config", str(folder / "task.yaml"), "--output", str(folder / "out")]
    assert main(["analyze", str(folder / "lc.fits"), *words]) == 0
    return folder / "out"


@pytest.fixture
def copied(products: Path, tmp_path: Path) -> Path:
    for path in products.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def test_the_same_software_gives_the_same_to_the_bit(products: Path) -> None:
    found = replay(products, [])
    assert found.different == {}
    assert found.environment == ()
    assert {"result.json", "steps.msgpack", "GRM-LC.png", "GRM-LC-500MS.fits"} <= set(found.same)


def test_any_file_of_the_folder_stands_for_the_run(
    products: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", str(products / "GRM-LC-500MS.fits")]) == 0
    assert "are the same, to the bit" in capsys.readouterr().out


def test_what_differs_is_told(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = json.loads((copied / "result.json").read_text())
    result["durations"][0]["t90"]["value_s"] = 1.25
    result["software"]["numpy"] = "0.1"
    (copied / "result.json").write_text(json.dumps(result))
    (copied / "GRM-LC.png").unlink()
    table = bytearray((copied / "GRM-LC-500MS.fits").read_bytes())
    table[-2880] ^= 1
    (copied / "GRM-LC-500MS.fits").write_bytes(table)

    assert main(["replay", str(copied)]) == 1
    told = capsys.readouterr().out
    assert "environment: numpy: 0.1 became" in told
    assert "result.json: /durations/0/t90/value_s: 1.25 became" in told
    assert "GRM-LC.png: is not among the products of the first run" in told
    assert "GRM-LC-500MS.fits: " in told
    assert "3 of" in told.splitlines()[-1]


def test_inputs_are_found_by_their_content_wherever_they_lie(
    products: Path, tmp_path: Path
) -> None:
    made = read_earlier_run(products)
    file = Path(replay_request(made, tmp_path).files[0].path)
    other = tmp_path / "deep" / "renamed"
    other.parent.mkdir()
    other.write_bytes(file.read_bytes())
    (tmp_path / "lc.fits").write_bytes(b"another file of that name")
    (copy := tmp_path / "copy").mkdir()
    (copy / "result.json").write_bytes((products / "result.json").read_bytes())

    found = replay_request(read_earlier_run(copy), tmp_path, [tmp_path]).files[0]
    assert (found.path, found.name) == (str(other), "lc.fits")


@pytest.mark.parametrize("damage", ["no result", "no process", "no input", "no product"])
def test_what_is_missing_is_told_in_a_sentence(
    copied: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    if damage == "no result":
        (copied / "result.json").unlink()
    if damage == "no process":
        result = json.loads((copied / "result.json").read_text())
        result["process"]["created_utc"] = ""
        (copied / "result.json").write_text(json.dumps(result))
    if damage == "no input":
        (copied / "task.log").unlink()
    product = tmp_path / "gone.fits" if damage == "no product" else copied
    assert main(["replay", str(product)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("eclgrmd replay: ")


def test_a_folder_is_analysed_again_with_changed_keys(
    products: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "again"
    words = ["--set", "/duration/bootstrap=150", "--output", str(output)]
    assert main(["rerun", str(products), *words]) == 0
    assert "steps reused: blocks, background" in capsys.readouterr().out

    before, after = read_earlier_run(products).result, read_earlier_run(output).result
    assert after.process.rerun_of == before.process.task_id
    assert after.configuration.duration.bootstrap == 150
    assert after.configuration.seed == 7
    assert (before.process.proc_ver, after.process.proc_ver) == (1, 2)
    assert replay(output, []).different == {}

    assert main(["compare", str(products), str(output)]) == 0
    told = capsys.readouterr().out
    assert "configuration /duration/bootstrap: 100 -> 150" in told
    assert "steps reused: blocks, background" in told


def test_a_folder_is_not_overwritten_unasked(
    products: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rerun", str(products)]) == 2
    assert "--output" in capsys.readouterr().err


def test_a_result_of_another_form_is_refused(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text("[]")
    with pytest.raises(InputError, match="no result of eclgrmd"):
        read_earlier_run(tmp_path)


@pytest.mark.parametrize(
    "name", ["../../evil", "/var/evil", "a/b", "", ".", "..", "a\0b", "n" * 256, "\ud800"]
)
@pytest.mark.parametrize("again", ["replay", "rerun"])
def test_an_input_that_is_called_by_a_path_is_refused(
    copied: Path, capsys: pytest.CaptureFixture[str], again: str, name: str
) -> None:
    result = json.loads((copied / "result.json").read_text())
    payload = copied / "payload"
    payload.write_bytes(b"somebody's key")
    sha256 = hashlib.sha256(payload.read_bytes()).hexdigest()
    result["inputs"][0] |= {"name": name, "sha256": sha256}
    (copied / "result.json").write_text(json.dumps(result))
    told = json.dumps({"event": "input", "sha256": sha256, "path": str(payload)})
    (copied / "task.log").write_text(f"{told}\n")
    with pytest.raises(InputError):
        read_earlier_run(copied)
    words = ["--output", str(copied / "again")] if again == "rerun" else []
    assert main([again, str(copied), *words]) == 2
    assert not (copied / "again").exists()


def test_an_input_of_no_kind_is_refused_with_the_kinds_that_there_are(
    copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = json.loads((copied / "result.json").read_text())
    result["inputs"][0]["kind"] = "photograph"
    (copied / "result.json").write_text(json.dumps(result))
    assert main(["replay", str(copied)]) == 2
    told = capsys.readouterr().err
    assert "/inputs/0/kind is 'photograph': must be one of events, gti, history" in told


@pytest.mark.parametrize(
    "line",
    [
        "[1]",
        "5",
        "[" * 200_000,
        '{"event": "input", "sha256": "SHA", "path": 5}',
        '{"event": "input", "sha256": "SHA", "path": ["a"]}',
        '{"event": "input", "sha256": "SHA", "path": "\\u0000"}',
        '{"event": "input", "sha256": "SHA", "path": "/dev/zero"}',
        f'{{"event": "input", "sha256": "SHA", "path": "/{"x" * 5000}"}}',
    ],
)
def test_lines_of_a_log_that_name_no_file_are_passed_over(
    copied: Path, tmp_path: Path, line: str
) -> None:
    sha256 = read_earlier_run(copied).result.inputs[0].sha256
    log = copied / "task.log"
    log.write_text(f"{line.replace('SHA', sha256)}\n{log.read_text()}")
    assert replay_request(read_earlier_run(copied), tmp_path).files[0].name == "lc.fits"


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("name", "reason"),
    [("result.json", "not a regular file"), ("task.log", "name its folder with --data")],
)
def test_a_pipe_in_place_of_a_file_is_not_waited_for(
    copied: Path, capsys: pytest.CaptureFixture[str], name: str, reason: str
) -> None:
    (copied / name).unlink()
    os.mkfifo(copied / name)
    assert main(["replay", str(copied)]) == 2
    assert reason in capsys.readouterr().err


def test_a_name_of_an_input_gives_the_terminal_no_orders(
    copied: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = json.loads((copied / "result.json").read_text())
    result["inputs"][0] |= {"name": "red\x1b[31m", "sha256": "0" * 64}
    (copied / "result.json").write_text(json.dumps(result))
    assert main(["replay", str(copied)]) == 2
    told = capsys.readouterr().err
    assert "\x1b" not in told
    assert r"red\x1b[31m: no file with sha256" in told


def test_a_name_that_is_a_pattern_is_looked_for_as_it_is(copied: Path, tmp_path: Path) -> None:
    result = json.loads((copied / "result.json").read_text())
    result["inputs"][0]["name"] = "**"
    (copied / "result.json").write_text(json.dumps(result))
    assert replay_request(read_earlier_run(copied), tmp_path, [copied]).files[0].name == "**"
