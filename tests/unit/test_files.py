"""A failing disk is waited for: no error of the file store ends the daemon."""

from pathlib import Path

import pytest

from eclgrmd.errors import TransientError
from eclgrmd.files import FileStore


def test_a_disk_that_is_gone_is_waited_for(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "gone", "me")
    with pytest.raises(TransientError, match=r"the file store: .* No such file"):
        store.check_room(0, 0)
    with pytest.raises(TransientError, match="No such file"):
        store.free_bytes()


def test_a_file_that_cannot_be_removed_is_told(tmp_path: Path) -> None:
    store = FileStore(tmp_path, "me")
    (tmp_path / "data").write_text("no folder")
    with pytest.raises(TransientError, match="Not a directory"):
        store.remove("data/b/a.fits")


def test_a_file_that_is_gone_already_is_no_error(tmp_path: Path) -> None:
    store = FileStore(tmp_path, "me")
    store.remove("data/b/a.fits")
    assert list(tmp_path.iterdir()) == []
