"""Every parser returns or raises InputError, whatever is done to a valid document."""

import random
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eclgrmd.errors import InputError
from testbench.fuzz.mutate import mutated
from testbench.fuzz.parsers import PARSERS


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 2**32), at=st.integers(0, 9))
def test_a_damaged_document_is_read_or_refused(name: str, seed: int, at: int) -> None:
    parser = PARSERS[name]
    document = mutated(parser.seeds[at % len(parser.seeds)], random.Random(seed))
    with suppress(InputError):
        parser.read(document)
