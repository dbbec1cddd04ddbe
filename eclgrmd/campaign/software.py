"""The software of a process, and the check that a worker has that of the campaign."""

import hashlib
from functools import cache
from importlib.util import find_spec
from math import isclose
from pathlib import Path

import numpy as np

import eclgrmd
from eclgrmd.analysis.burst import measure
from eclgrmd.errors import InputError
from eclgrmd.model.campaign import Software
from eclgrmd.model.configuration.sections import DurationChoice, TaskConfiguration
from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import EventList, Observation
from eclgrmd.pipeline.code import processor, software_sha256

__all__ = ["difference", "software", "source_sha256"]

_SEED, _BACKGROUND, _BURST = 7, 4000, 1000
_WINDOW_S = (-40.0, 60.0)
_CLOSE = 1e-9
"""Largest relative difference of kernels: other processors differ in the last bits only."""


@cache
def software() -> Software:
    """Return the software of this process, with what its kernels find in a known light curve."""
    rng = np.random.default_rng(_SEED)
    times = np.sort(
        np.concatenate([rng.uniform(*_WINDOW_S, _BACKGROUND), rng.gamma(2.0, 2.0, _BURST)])
    )
    events = EventList(
        instrument=Instrument.OTHER,
        detector="D",
        time_s=times,
        channel=np.zeros(len(times), dtype=np.int16),
        channels=None,
        gti_s=np.array([_WINDOW_S]),
    )
    known = Observation(burst_id=BurstId("known"), t0_utc="", t0_met_s=0.0, events=(events,))
    choice = TaskConfiguration(duration=DurationChoice(bootstrap=100, character=False))
    found = measure(known, choice).durations[0]
    values = (found.t90.value_s, found.t50.value_s, found.t90.err_plus_s, found.significance)
    return Software(
        version=eclgrmd.__version__,
        code_sha256=software_sha256(),
        processor=processor(),
        kernels=tuple(-1.0 if value is None else float(value) for value in values),
    )


def difference(wanted: Software, found: Software) -> str:
    """Return why software may not compute the results of other software; empty: it may.

    Versions and code must be the same. Kernels on another processor may differ in the last bits.
    """
    if found.version != wanted.version:
        return f"eclgrmd is {found.version}: must be {wanted.version}"
    if found.code_sha256 != wanted.code_sha256:
        return "code or libraries of eclgrmd differ: install what the campaign was submitted with"
    close = len(found.kernels) == len(wanted.kernels) and all(
        isclose(mine, theirs, rel_tol=_CLOSE)
        for mine, theirs in zip(found.kernels, wanted.kernels, strict=True)
    )
    if not close:
        return f"kernels find {found.kernels} in a known light curve: must be {wanted.kernels}"
    return ""


@cache
def source_sha256(function: str) -> str:
    """Return the checksum of all code of the top package of a function, `package.module:name`.

    Raises
    ------
    InputError
        If there is no such package.
    """
    top = function.partition(":")[0].partition(".")[0]
    found = find_spec(top)
    if found is None or found.origin is None:
        raise InputError(f"{function}: no package {top} here: must be package.module:function")
    origin = Path(found.origin)
    paths = sorted(origin.parent.rglob("*.py")) if origin.name == "__init__.py" else [origin]
    digest = hashlib.sha256()
    for path in paths:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
