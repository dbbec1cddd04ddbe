"""Errors of the machine are distinguished from errors of a file, and say what to do."""

import errno
import gzip
import os
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from eclgrmd.errors import InputError, MachineError
from eclgrmd.formats import inspect_file, read_observation
from eclgrmd.formats.fits.fits_file import reading
from eclgrmd.model.names import BurstId
from tests.unit.formats.tables import Make


@contextmanager
def descriptors_below(number: int) -> Iterator[None]:
    """Limit the number of files that the process may open."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (number, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (errno.ENOSPC, "no space left on the disk .*make room"),
        (errno.EDQUOT, "quota is used up"),
        (errno.EMFILE, "too many open files: .*ulimit -n"),
        (errno.ENFILE, "too many open files on this machine"),
        (errno.EIO, "cannot be read or written"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "permission denied"),
        (errno.ENOMEM, "no memory left"),
    ],
)
def test_a_trouble_of_the_machine_does_not_blame_the_file(code: int, sentence: str) -> None:
    with pytest.raises(MachineError, match=sentence), reading(Path("a.fits")):
        raise OSError(code, os.strerror(code))


def test_a_lack_of_memory_passes() -> None:
    with pytest.raises(MemoryError), reading(Path("a.fits")):
        raise MemoryError


@pytest.mark.parametrize("error", [OSError("not a gzipped file"), OSError(errno.EINVAL, "x")])
def test_other_errors_mean_damage(error: OSError) -> None:
    with pytest.raises(InputError, match="may be damaged"), reading(Path("a.fits")):
        raise error


def test_a_packed_file_without_a_folder_to_unpack_it_is_not_damaged(
    make_eclairs: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_eclairs("a.fits", [1.0, 2.0])
    path.write_bytes(gzip.compress(path.read_bytes()))
    monkeypatch.setattr(tempfile, "tempdir", str(path.parent / "gone"))
    with pytest.raises(MachineError, match=r"no folder for temporary files \(TMPDIR\)"):
        inspect_file(path)


def test_more_files_are_read_than_may_be_open(make_eclairs: Make) -> None:
    paths = [make_eclairs(f"{i}.fits", np.arange(10.0) + 10 * i) for i in range(40)]
    for path in paths[::2]:
        path.write_bytes(gzip.compress(path.read_bytes()))
    highest = max(int(path.name) for path in Path("/proc/self/fd").iterdir())
    with descriptors_below(highest + 15):
        read = read_observation(paths, burst_id=BurstId("b"))
    assert sum(len(events.time_s) for events in read.events) == 400


def test_no_descriptor_left_says_how_to_get_more(make_eclairs: Make) -> None:
    path = make_eclairs("a.fits", [1.0, 2.0])
    with descriptors_below(3), pytest.raises(MachineError, match="ulimit -n"):
        read_observation([path], burst_id=BurstId("b"))
