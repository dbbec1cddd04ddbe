"""Sequence diagrams: who sends what to whom, and what is written before what is acknowledged."""

from typing import NamedTuple

from .svg import arrow, box, document, label, line

__all__ = ["SEQUENCES", "Sequence", "Step", "sequence_svg"]

_LANE, _STEP, _TOP = 225.0, 44.0, 70.0


class Step(NamedTuple):
    """A message from one participant to another; to itself: what it does."""

    sender: str
    receiver: str
    text: str


class Sequence(NamedTuple):
    """A diagram."""

    title: str
    steps: tuple[Step, ...]


SEQUENCES: dict[str, Sequence] = {
    "packet": Sequence(
        "Life of a packet of the VHF network",
        (
            Step("NATS", "intake", "packet on data.vhf"),
            Step("intake", "database", "row of the packet, once (commit)"),
            Step("intake", "NATS", "acknowledged after the commit"),
            Step("intake", "quick look", "hint: work is there"),
            Step("quick look", "worker", "packets since the last version"),
            Step("worker", "quick look", "new state and results"),
            Step("quick look", "database", "version n + 1, only if n is the last"),
            Step("quick look", "relay", "announced if it matters"),
        ),
    ),
    "announcement": Sequence(
        "Life of an announcement",
        (
            Step("stage", "database", "fact and outbox row (one commit)"),
            Step("stage", "relay", "hint, or the fact itself"),
            Step("relay", "database", "reads unsent rows"),
            Step("relay", "NATS", "founding form and version 1, one message id"),
            Step("NATS", "relay", "acknowledged"),
            Step("relay", "database", "row is sent"),
        ),
    ),
    "task": Sequence(
        "Life of a task",
        (
            Step("client", "REST or NATS", "task with its inputs"),
            Step("REST or NATS", "database", "row: waiting or queued (commit)"),
            Step("REST or NATS", "client", "accepted"),
            Step("stage", "database", "claim with a number, renewed in time"),
            Step("stage", "worker", "files and configuration"),
            Step("worker", "stage", "result and products, synced to disk"),
            Step("stage", "database", "done, if the number is still the claim's"),
        ),
    ),
}
"""Diagrams by the name of their file."""


def sequence_svg(sequence: Sequence) -> str:
    """Return the picture of a sequence, from top to bottom."""
    names = list(dict.fromkeys(name for step in sequence.steps for name in step[:2]))
    lanes = {name: 75.0 + _LANE * number for number, name in enumerate(names)}
    height = _TOP + _STEP * len(sequence.steps) + 20.0
    parts = []
    for name, x in lanes.items():
        parts.append(line([(x, 46.0), (x, height - 8.0)], dashed=True))
        parts.append(box(x - 62.0, 10.0, 124.0, 36.0, name, bold=True))
    for number, step in enumerate(sequence.steps):
        y = _TOP + _STEP * number + 20.0
        start, end = lanes[step.sender], lanes[step.receiver]
        parts.append(arrow([(start, y), (end, y)]))
        parts.append(label((start + end) / 2, y - 6.0, step.text, size=12))
    return document(75.0 * 2 + _LANE * (len(names) - 1), height, sequence.title, parts)
