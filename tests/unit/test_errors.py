"""The text of an error fits wherever a reason is kept."""

import pytest

from eclgrmd.errors import EclgrmdError, InputError, PermanentError, TransientError, brief

COLUMN_BYTES = 65_535
"""A column of type TEXT."""


@pytest.mark.parametrize("kind", [InputError, PermanentError, TransientError])
def test_the_text_of_an_error_fits_into_a_column(kind: type[EclgrmdError]) -> None:
    text = str(kind(f"wrong: {200_000 * chr(0x1F600)} (allowed: right)"))
    assert len(text.encode()) < COLUMN_BYTES
    assert text.startswith("wrong: ")
    assert text.endswith(" (allowed: right)")
    assert str(kind(text)) == text


def test_a_text_that_fits_is_left_alone() -> None:
    assert brief("x" * 10_000) == "x" * 10_000
    assert str(InputError("a.fits: no FITS file")) == "a.fits: no FITS file"
