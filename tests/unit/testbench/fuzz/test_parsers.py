"""Every parser returns or refuses, however a valid document is damaged."""

import json
import random

import pytest

from testbench.fuzz.__main__ import outcomes
from testbench.fuzz.fits_bytes import mutated_fits
from testbench.fuzz.frames import mutated_frame
from testbench.fuzz.json_values import mutated_json
from testbench.fuzz.parsers import PARSERS, Parser
from testbench.fuzz.seeds import LAYER_JSON

SLOW = ("task-", "fits-")
"""Parsers of files; each call takes milliseconds."""


@pytest.mark.parametrize("name", PARSERS)
def test_a_damaged_document_is_read_or_refused(name: str) -> None:
    cases = 60 if name.startswith(SLOW) else 500
    counts, faults = outcomes(PARSERS[name], cases, seed=3)
    assert not faults, faults
    assert counts.total() == cases


@pytest.mark.parametrize("name", PARSERS)
def test_each_begins_from_documents_that_are_read(name: str) -> None:
    parser = PARSERS[name]
    for document in parser.seeds():
        parser.read(document)


def test_a_fault_is_reported_with_the_document_that_causes_it() -> None:
    parser = Parser(lambda document: 1 // len(document), lambda: [b"a"], lambda *_: b"")
    counts, faults = outcomes(parser, 3, seed=1)
    assert counts == {"ZeroDivisionError": 3}
    assert faults == {"ZeroDivisionError: integer division or modulo by zero": b""}


def test_most_damaged_json_is_still_json() -> None:
    draw, read = random.Random(1), 0
    for _ in range(200):
        try:
            read += isinstance(json.loads(mutated_json(LAYER_JSON, draw)), dict)
        except (ValueError, RecursionError):
            continue
    assert read > 150


def test_most_damaged_frames_have_a_correct_checksum() -> None:
    frame, draw = PARSERS["packet-frame"].seeds()[0], random.Random(1)
    refusals = []
    for _ in range(200):
        try:
            PARSERS["packet-frame"].read(mutated_frame(frame, draw))
        except PARSERS["packet-frame"].refusals as refusal:
            refusals.append(str(refusal))
    assert sum("checksum" in refusal for refusal in refusals) < 60


def test_most_damaged_files_still_begin_like_fits_files() -> None:
    file, draw = PARSERS["fits-curve.lc"].seeds()[0], random.Random(1)
    assert sum(mutated_fits(file, draw).startswith(b"SIMPLE  =") for _ in range(200)) > 150
