"""Faults of the network: packets are lost, repeated, delayed or damaged."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eclgrmd.model.quicklook.binary import packet_to_binary

from .sequence import Sent

__all__ = ["Disturbance", "Shot", "disturbed"]

_LATE_S = 12.0
"""Largest delay of a packet, seconds."""


@dataclass(frozen=True, slots=True)
class Disturbance:
    """Parts of all packets that are affected, 0 to 1."""

    loss: float = 0.0
    """Part that is lost."""
    duplication: float = 0.0
    """Part that is sent twice."""
    reordering: float = 0.0
    """Part that is up to 12 s late."""
    corruption: float = 0.0
    """Part with some bytes changed."""
    seed: int = 1
    """Seed of the random choice."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A packet's bytes and the time to send them."""

    at_s: float
    """When to send it, seconds after T0."""
    burst_id: str
    """Burst of the packet."""
    made_met_s: float
    """When the packet was made on board, mission time, seconds."""
    payload: bytes
    """The packet in binary form."""
    damaged: bool = False
    """Whether bytes were changed."""


def disturbed(sequence: Sequence[Sent], disturbance: Disturbance) -> list[Shot]:
    """Return the packets of a sequence after a faulty network, in order of arrival."""
    rng = np.random.default_rng(disturbance.seed)
    shots: list[Shot] = []
    for sent in sequence:
        lost, repeated, late, damaged = rng.random(4) < (
            disturbance.loss,
            disturbance.duplication,
            disturbance.reordering,
            disturbance.corruption,
        )
        if lost:
            continue
        payload = packet_to_binary(sent.packet)
        at_s = sent.at_s + (float(rng.uniform(1.0, _LATE_S)) if late else 0.0)
        if damaged:
            payload = _damaged(payload, rng)
        shot = Shot(at_s, sent.packet.burst_id, sent.packet.time_s, payload, bool(damaged))
        shots.append(shot)
        if repeated:
            again_s = at_s + float(rng.uniform(0.0, _LATE_S))
            shots.append(Shot(again_s, shot.burst_id, shot.made_met_s, shot.payload, shot.damaged))
    return sorted(shots, key=lambda shot: shot.at_s)


def _damaged(payload: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(payload)
    for position in rng.integers(4, len(changed), size=3):
        changed[position] ^= int(rng.integers(1, 256))
    return bytes(changed)
