"""The responses of the quick look's spectra, kept from burst to burst."""

from functools import lru_cache
from pathlib import Path

import structlog

from eclgrmd.errors import InputError
from eclgrmd.formats import read_observation
from eclgrmd.model.names import BurstId
from eclgrmd.model.observation import Response
from eclgrmd.model.packed_names import unpacked_name

__all__ = ["read_responses"]

_SUFFIXES = (".rsp", ".rsp2", ".rmf", ".arf")


def read_responses(folder: str) -> dict[str, Response]:
    """Return the responses in a folder by detector; none, with an error logged, if one is bad.

    Files that have changed are read again. An empty name has no responses.
    """
    if not folder:
        return {}
    try:
        files = sorted(p for p in Path(folder).iterdir() if _is_response(p))
        return _read_files(tuple((str(p), p.stat().st_mtime_ns) for p in files))
    except (InputError, OSError) as error:
        structlog.get_logger("quicklook").error("no spectra: responses not read", reason=str(error))
        return {}


def _is_response(path: Path) -> bool:
    return unpacked_name(path.name).endswith(_SUFFIXES)


@lru_cache(maxsize=2)
def _read_files(files: tuple[tuple[str, int], ...]) -> dict[str, Response]:
    if not files:
        return {}
    paths = [Path(path) for path, _ in files]
    read = read_observation(paths, burst_id=BurstId("calibration"), trigger_time_s=0.0)
    return {response.detector: response for response in read.responses}
