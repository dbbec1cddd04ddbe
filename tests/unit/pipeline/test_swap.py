"""Whenever a run is killed, its folder holds the products of one run, never a mixture of two."""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from eclgrmd.errors import InputError
from eclgrmd.pipeline import swap as swapping
from eclgrmd.pipeline.output import whole_output

_CHANGES = {"open", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "shutil.rmtree"}
"""Audit events that Python raises before it changes a folder (PEP 578)."""
EARLIER = dict.fromkeys(("result.json", "curve", "figure"), "1")
NEW = dict.fromkeys(("result.json", "curve", "spectrum"), "2")


def run_into(output: Path, products: dict[str, str]) -> None:
    with whole_output(output) as folder:
        for name, content in products.items():
            (folder / name).write_text(content)
        lines = [json.dumps({"event": "product written", "name": name}) for name in products]
        (folder / "task.log").write_text("\n".join(lines) + "\n")


def killed_at(change: int, action: Callable[[], None]) -> bool:
    """Run in a process that is killed at its n-th change; return False if it ended before."""
    pid = os.fork()
    if pid == 0:
        changes = 0

        def count(event: str, _arguments: tuple[object, ...]) -> None:
            nonlocal changes
            if event in _CHANGES:
                changes += 1
                if changes == change:
                    os.kill(os.getpid(), signal.SIGKILL)

        status = 1
        try:
            sys.addaudithook(count)
            action()
            status = 0
        finally:
            os._exit(status)
    _, ended = os.waitpid(pid, 0)
    if os.WIFEXITED(ended):
        assert os.WEXITSTATUS(ended) == 0
    return os.WIFSIGNALED(ended)


def products(output: Path) -> dict[str, str]:
    names = {*EARLIER, *NEW}
    return {path.name: path.read_text() for path in output.iterdir() if path.name in names}


def alone(output: Path) -> None:
    output.mkdir()


def with_a_file(output: Path) -> None:
    output.mkdir()
    (output / "notes").write_text("mine")
    (output / "link").symlink_to("nowhere")


def with_a_folder(output: Path) -> None:
    with_a_file(output)
    (output / "deep").mkdir()
    (output / "deep" / "notes").write_text("mine")


def others(output: Path) -> dict[str, object]:
    return {
        str(path.relative_to(output)): path.readlink() if path.is_symlink() else path.is_dir()
        for name in ("notes", "link", "deep", "deep/notes")
        if os.path.lexists(path := output / name)
    }


def moments(tmp_path: Path, prepare: Callable[[Path], None]) -> list[tuple[Path, dict[str, str]]]:
    """Kill a second run at each of its changes; return each folder and its content."""
    found: list[tuple[Path, dict[str, str]]] = []
    while True:
        output = tmp_path / f"run [{len(found)}]"
        prepare(output)
        run_into(output, EARLIER)
        before = others(output)
        killed = killed_at(len(found) + 1, lambda output=output: run_into(output, NEW))  # type: ignore[misc]
        assert others(output) == before
        if not killed:
            assert products(output) == NEW
            return found
        found.append((output, products(output)))


@pytest.mark.parametrize("prepare", [alone, with_a_file])
def test_a_folder_holds_one_whole_run_at_every_moment(
    tmp_path: Path, prepare: Callable[[Path], None]
) -> None:
    found = [held for _, held in moments(tmp_path, prepare)]
    assert EARLIER in found
    assert NEW in found
    assert all(held in (EARLIER, NEW) for held in found)


def test_a_first_run_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    number = 0
    while True:
        output = tmp_path / str(number)
        output.mkdir()
        number += 1
        if not killed_at(number, lambda output=output: run_into(output, NEW)):  # type: ignore[misc]
            break
        assert products(output) in ({}, NEW)


@pytest.mark.parametrize("prepare", [alone, with_a_folder])
def test_where_the_folder_cannot_be_exchanged_two_runs_do_not_mix_either(
    tmp_path: Path, prepare: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    if prepare is alone:  # as on a file system that cannot
        monkeypatch.setattr(swapping, "_exchange", lambda *_: False)
    for output, held in moments(tmp_path, prepare):
        assert held.items() <= EARLIER.items() or held.items() <= NEW.items()
        assert "result.json" not in held or held in (EARLIER, NEW)
        before = others(output)
        with pytest.raises(KeyboardInterrupt), whole_output(output):
            raise KeyboardInterrupt
        assert products(output) in (EARLIER, NEW), "the next run finishes the swap"
        assert others(output) == before


def test_what_a_killed_run_left_is_gone_after_the_next(tmp_path: Path) -> None:
    for output, _ in moments(tmp_path, with_a_file):
        run_into(output, NEW)
        assert {path.name for path in output.iterdir()} == {*NEW, "task.log", "notes", "link"}
        assert products(output) == NEW
    assert not list(tmp_path.glob(".*"))


def test_a_folder_that_somebody_works_in_stays_the_same_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run_into(Path(), EARLIER)
    run_into(Path(), NEW)
    assert products(tmp_path) == NEW
    assert Path.cwd() == tmp_path
    assert products(Path()) == NEW


def test_the_folder_keeps_its_permissions(tmp_path: Path) -> None:
    output = tmp_path / "o"
    output.mkdir(mode=0o750)
    output.chmod(0o2750)
    inode = output.stat().st_ino
    run_into(output, NEW)
    assert output.stat().st_ino != inode, "the folder was exchanged"
    assert output.stat().st_mode & 0o7777 == 0o2750


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    run_into(tmp_path / "link", EARLIER)
    run_into(tmp_path / "link", NEW)
    assert (tmp_path / "link").is_symlink()
    assert products(tmp_path / "real") == NEW


def test_a_folder_with_the_name_of_a_product_is_told(tmp_path: Path) -> None:
    run_into(tmp_path, {"result.json": "1"})
    (tmp_path / "curve").mkdir()
    with pytest.raises(InputError, match="curve is a folder"):
        run_into(tmp_path, NEW)
    assert products_are_files(tmp_path) == {"result.json": "1"}


def products_are_files(output: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in output.iterdir() if path.suffix == ".json"}
