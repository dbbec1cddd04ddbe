"""The parsers under test, each with valid documents and a way to damage them."""

import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from eclgrmd.errors import FatalError, InputError
from eclgrmd.formats.notices.voevent import read_notice
from eclgrmd.ingest.mdb import MdbAnswer
from eclgrmd.model.configuration.layers import configuration_from_json
from eclgrmd.model.decode import decode_json
from eclgrmd.model.messages.incoming import read_incoming, read_rerun
from eclgrmd.model.mission_time import met_of_utc, utc_of_met
from eclgrmd.model.names import (
    header_value,
    identifier_from,
    is_identifier,
    path_part,
    subject_token,
)
from eclgrmd.model.packed_names import unpacked_name
from eclgrmd.model.quicklook.binary import packet_to_binary, read_packet
from eclgrmd.model.quicklook.packet import packet_from_json, packet_to_json
from eclgrmd.model.result.reading import read_result
from eclgrmd.store.sql.address import parse_address

from .files import FITS_KINDS, fits_seeds, layer_of, read_with_companions, results, settings_of
from .fits_bytes import mutated_fits
from .fits_tables import reshaped_fits
from .frames import framed, mutated_frame
from .json_values import mutated_json
from .mutate import mutated
from .seeds import (
    DATA,
    LAYER_JSON,
    LAYER_TOML,
    LAYER_YAML,
    MDB_ANSWER,
    NAMES,
    NOTICES,
    PACKETS,
    RERUN,
    SETTINGS,
    TASK,
    TEXT_CURVE,
    TIMES,
    URLS,
)
from .stored import (
    STEPS,
    WORKER_FRAMES,
    inflated_and_mutated,
    outcomes_of_steps,
    read_frames,
    read_outcome,
    without_digest,
)

__all__ = ["PARSERS", "Parser"]

Mutate = Callable[[bytes, random.Random], bytes]


class Parser(NamedTuple):
    """A parser, and valid documents for it."""

    read: Callable[[bytes], object]
    """The parser: returns, or raises InputError."""
    seeds: Callable[[], Sequence[bytes]]
    """Returns valid documents."""
    mutate: Mutate = mutated
    """Returns a damaged copy of a document."""
    refusals: tuple[type[Exception], ...] = (InputError,)
    """What it may raise."""


def _either(one: Mutate, other: Mutate) -> Mutate:
    """Return a mutation that takes one or the other, as the draw has it."""

    def mutate(document: bytes, draw: random.Random) -> bytes:
        return (one if draw.random() < 0.7 else other)(document, draw)

    return mutate


_JSON = _either(mutated_json, mutated)
_FITS = _either(_either(mutated_fits, reshaped_fits), mutated)


def _text(document: bytes) -> str:
    return document.decode("utf-8", "surrogateescape")


def _names(document: bytes) -> None:
    """Put a name to every use, none of which may fail."""
    name = _text(document)
    unpacked_name(name), header_value(name), path_part(name)
    if (made := identifier_from(name)) and not is_identifier(made):
        raise AssertionError(f"identifier_from({name!r}) is none")
    if "/" in path_part(name) or any(letter in subject_token(name) for letter in " .*>\r\n\t"):
        raise AssertionError(f"{name!r} becomes a part that leads elsewhere")


PARSERS = {
    "notice": Parser(read_notice, lambda: NOTICES),
    "packet-json": Parser(
        packet_from_json, lambda: [packet_to_json(each) for each in PACKETS], _JSON
    ),
    "packet-frame": Parser(
        read_packet, lambda: [packet_to_binary(each) for each in PACKETS], mutated_frame
    ),
    "packet-body": Parser(
        lambda body: read_packet(framed(body)),
        lambda: [packet_to_binary(each)[9:-4] for each in PACKETS],
    ),
    "message": Parser(read_incoming, lambda: [TASK, DATA], _JSON),
    "configuration": Parser(configuration_from_json, lambda: [LAYER_JSON], _JSON),
    "rerun": Parser(lambda text: read_rerun(text, "t1"), lambda: [RERUN], _JSON),
    "result": Parser(lambda text: read_result(text, what="result.json"), results, _JSON),
    "time": Parser(lambda text: utc_of_met(met_of_utc(_text(text))), lambda: TIMES),
    "mdb-answer": Parser(
        lambda text: decode_json(text, MdbAnswer, what="answer"), lambda: [MDB_ANSWER], _JSON
    ),
    "task-json": Parser(lambda text: layer_of(text, ".json"), lambda: [LAYER_JSON], _JSON),
    "task-yaml": Parser(lambda text: layer_of(text, ".yaml"), lambda: LAYER_YAML),
    "task-toml": Parser(lambda text: layer_of(text, ".toml"), lambda: LAYER_TOML),
    "settings": Parser(settings_of, lambda: SETTINGS, refusals=(FatalError,)),
    "address": Parser(
        lambda text: parse_address(_text(text), None), lambda: URLS, refusals=(FatalError,)
    ),
    "worker-frame": Parser(
        read_frames, lambda: WORKER_FRAMES, refusals=(ValueError, RecursionError)
    ),
    "steps-file": Parser(without_digest, lambda: STEPS, refusals=(ValueError, RecursionError)),
    "steps-outcome": Parser(
        read_outcome, outcomes_of_steps, inflated_and_mutated, refusals=(ValueError,)
    ),
    "name": Parser(_names, lambda: NAMES),
    "text-curve": Parser(partial(read_with_companions, "curve.txt"), lambda: TEXT_CURVE),
} | {
    f"fits-{kind}": Parser(partial(read_with_companions, kind), partial(fits_seeds, kind), _FITS)
    for kind in FITS_KINDS
}
"""By name."""
