"""What the daemon reads of its own workers and of its own files, as an attacker would make it."""

import random
import zlib

import msgspec
import numpy as np

from eclgrmd.compute.frames import Done, Failed, LogLine, Ready, frames_in, pack
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import LightCurve
from eclgrmd.pipeline.memory import without_digest
from eclgrmd.pipeline.packing import pack as pack_outcome
from eclgrmd.pipeline.packing import unpack

from .mutate import mutated

__all__ = [
    "STEPS",
    "WORKER_FRAMES",
    "inflated_and_mutated",
    "outcomes_of_steps",
    "read_frames",
    "read_outcome",
    "without_digest",
]

_MOST_BYTES = 1 << 24
"""Largest outcome that is unpacked, bytes."""
WORKER_FRAMES = (
    pack(Ready()),
    pack(Done(msgspec.Raw(msgspec.msgpack.encode({"kind": "events", "rows": [1, 2.5, None]})))),
    pack(Failed("ValueError: no", "Traceback", "MachineError", ("disk full", 28), 30.0)),
    pack(LogLine({"event": "stage done", "elapsed_s": 1.5, "worker": 7})),
)
"""Each kind of frame from a worker."""
STEPS = tuple(
    msgspec.msgpack.encode(
        {
            "steps": {"fits": {"key": "a" * 64, "sha256": "b" * 64, "content": b"packed"}},
            "schema": "eclgrmd.steps/1",
            "window_s": window_s,
            "digest": "c" * 64,
            "observation": b"",
        }
    )
    for window_s in (None, [-10.0, 20.0])
)
"""Files of stored steps."""


def read_frames(document: bytes) -> object:
    """Split bytes into frames, as those of a worker are."""
    return list(frames_in(bytearray(document)))


def outcomes_of_steps() -> list[bytes]:
    """Return a stored outcome with arrays."""
    edges_s = np.linspace(0.0, 10.0, 21)
    curve = LightCurve(
        instrument=Instrument.GRM,
        detectors=("GRD01",),
        band_kev=(15.0, 5000.0),
        start_s=edges_s[:-1],
        stop_s=edges_s[1:],
        counts=np.arange(20.0),
        exposure_s=np.full(20, 0.5),
    )
    return [pack_outcome(curve)]


def read_outcome(document: bytes) -> object:
    """Unpack a stored outcome."""
    return unpack(document, LightCurve, _MOST_BYTES)


def inflated_and_mutated(document: bytes, draw: random.Random) -> bytes:
    """Damage the content under the compression, which would hide it otherwise."""
    return zlib.compress(mutated(zlib.decompress(document), draw), 1)
