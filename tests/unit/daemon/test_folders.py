"""The folders of a daemon exist after its start, or an error names the one that is missing."""

from pathlib import Path

import pytest

from eclgrmd.daemon.folders import empty_scratch, prepare_folders
from eclgrmd.errors import FatalError
from eclgrmd.settings.daemon import Settings, StorageSettings


def test_what_a_killed_worker_left_is_gone(tmp_path: Path) -> None:
    settings = Settings(storage=StorageSettings(state_dir=str(tmp_path / "state")))
    prepare_folders(settings)
    empty_scratch(settings)
    (settings.scratch_dir / "folder").mkdir()
    (settings.scratch_dir / "folder" / "left").touch()
    empty_scratch(settings)
    assert list(settings.scratch_dir.iterdir()) == []


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    settings = Settings(storage=StorageSettings(state_dir=str(tmp_path)))
    settings.scratch_dir.touch()
    with pytest.raises(FatalError, match=f"cannot make {settings.scratch_dir}: File exists"):
        empty_scratch(settings)
