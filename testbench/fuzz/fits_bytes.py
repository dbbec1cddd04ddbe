"""Damages FITS files: their cards, blocks and numbers."""

import bz2
import gzip
import lzma
import random
import struct

__all__ = ["mutated_fits"]

_CARD, _BLOCK = 80, 2880
"""Bytes of a header card and of a FITS block."""
_VALUES = (
    "0", "-1", "1", "2", "999", "1000", "2147483647", "-2147483648", "9223372036854775807",
    "99999999999999999999", "1E400", "-1E308", "5E-324", "NaN", "T", "F", "'NaN'", "'inf'", "''",
    "'abc'", "1.5", "1e9", " ", "(1,2)", "(1E400,2)", "1_0", "'furlong'", "'keV'", "'ms'", "'d'",
    "'count/s'", "'m/s'", "'s^^2'", "'('", "'EVENTS'", "'SPECTRUM'", "'GTI'", "'MATRIX'", "'none'",
    "'EBOUNDS'", "'RATE'", "'../../etc/passwd'", "'a.rsp{99999999999}'", "'a.rsp[MATRIX,-1]'",
    "'GTI&'", "'9999-12-31T23:59:59'", "'0001-01-01'", "'60000.5'", "'TT'", "'TDB'", "'\x7f\x80'",
)  # fmt: skip
_FORMS = (
    "1J", "0J", "-1J", "999999999J", "9999999999999999999999D", "1PJ(1)", "1QD(99999999999)",
    "1PX(1)", "1X", "64X", "1A", "80A", "1M", "1C", "1L", "1B", "1K", "1E", "PJ", "1PA(5)", "Z",
    "", "3D", "1D", "1I", "QE(3)", "4D", "300I", "1PE",
)  # fmt: skip
_DIMENSIONS = ("(1)", "(0)", "(-1,2)", "(999999999,999999999)", "(2,2)", "()", "abc", "(1" * 30)
"""Values of TDIMn, most of them wrong."""
_KEYS = (
    "TNULL1", "TNULL2", "TSCAL1", "TZERO1", "TSCAL2", "TZERO2", "TUNIT1", "TUNIT2", "TDIM1",
    "TDIM2", "TIMEZERO", "TIMEUNIT", "MJDREFI", "MJDREFF", "MJDREF", "TSTART", "TSTOP", "TRIGTIME",
    "DETCHANS", "EXPOSURE", "TIMEDEL", "TIMEPIXR", "BACKSCAL", "AREASCAL", "TLMIN1", "TLMIN4",
    "TLMAX1", "DETNAM", "INSTRUME", "TELESCOP", "OBJECT", "TIMESYS", "RESPFILE", "BACKFILE",
    "ANCRFILE", "QUALITY", "GROUPING", "STAT_ERR", "SYS_ERR", "EXTVER", "EXTLEVEL", "THEAP",
    "HDUCLAS1", "HDUCLAS2", "HDUCLAS3", "POISSERR", "BASETIME", "DATE-OBS", "NUMGRP", "FILTER",
)  # fmt: skip
_NUMBERS = (float("nan"), float("inf"), -float("inf"), 1e308, -1e308, 5e-324, -0.0, 1e20, 1e-300)
"""Floating-point values at the edges of their range."""
_LENGTHS = (0, 1, -1, 2**31 - 1, -(2**31), 1000, 10**6)
"""Lengths and offsets of variable-length arrays, most of them wrong."""


def mutated_fits(document: bytes, draw: random.Random) -> bytes:
    """Return a file with one to five changes, sometimes compressed."""
    content = bytearray(document)
    for _ in range(draw.choice((1, 1, 2, 3, 5))):
        if content:
            _change(content, draw)
    return _packed(bytes(content), draw) if draw.random() < 0.05 else bytes(content)


def _packed(content: bytes, draw: random.Random) -> bytes:
    packed = draw.choice((gzip.compress, bz2.compress, lzma.compress))(content)
    return packed[: draw.randrange(1, len(packed))] if draw.random() < 0.3 else packed


def _change(content: bytearray, draw: random.Random) -> None:
    draw.choice((_card,) * 8 + (_more,) * 2 + (_bytes,) * 4 + (_block,) * 2 + (_heap, _cut))(
        content, draw
    )


def _card(content: bytearray, draw: random.Random) -> None:
    """Change the value of a card, delete it, duplicate it, or damage its text."""
    cards = _cards(content)
    if not cards:
        return
    at = draw.choice(cards)
    key = bytes(content[at : at + 8]).decode("ascii", "replace").strip()
    match draw.randrange(12):
        case 0:
            content[at : at + _CARD] = b" " * _CARD
        case 1:
            other = draw.choice(cards)
            content[other : other + _CARD] = content[at : at + _CARD]
        case 2:
            content[at + 10 + draw.randrange(60)] = draw.choice((0, 10, 13, 27, 39, 128, 255))
        case 3 if key.startswith("NAXIS") or key in ("PCOUNT", "TFIELDS", "BITPIX", "GCOUNT"):
            _nudge(content, at, key, draw)
        case 4:
            content[at : at + _CARD] = (b"HIERARCH " + b"A B C " * 8 + b"= 'x").ljust(_CARD)[:_CARD]
        case 5:
            content[at : at + 2 * _CARD] = (b"LONGS   = '" + b"a" * 60 + b"&'").ljust(
                _CARD
            ) + b"CONTINUE  'b&'".ljust(_CARD)
        case _:
            content[at : at + _CARD] = _line(key, _value(key, draw))


def _more(content: bytearray, draw: random.Random) -> None:
    """Overwrite a card with one that has a meaning."""
    if cards := _cards(content):
        at, key = draw.choice(cards), draw.choice(_KEYS)
        content[at : at + _CARD] = _line(key, _value(key, draw))


def _value(key: str, draw: random.Random) -> str:
    if key.startswith("TFORM"):
        return f"'{draw.choice(_FORMS)}'"
    if key.startswith("TDIM"):
        return f"'{draw.choice(_DIMENSIONS)}'"
    return draw.choice(_VALUES)


def _nudge(content: bytearray, at: int, key: str, draw: random.Random) -> None:
    try:
        number = int(content[at + 10 : at + 30])
    except ValueError:
        number = 0
    odd = draw.choice((number - 1, number + 1, number // 2, number * 2, 0, -number))
    content[at : at + _CARD] = _line(key, str(odd))


def _line(key: str, value: str) -> bytes:
    return f"{key:<8}= {value:>20}"[:_CARD].ljust(_CARD).encode("latin-1", "replace")


def _cards(content: bytearray) -> list[int]:
    return [
        at
        for at in range(0, len(content) - _CARD + 1, _CARD)
        if content[at + 8 : at + 10] == b"= " and 32 < content[at] < 127
    ]


def _bytes(content: bytearray, draw: random.Random) -> None:
    at = draw.randrange(len(content))
    length = draw.choice((1, 8, 80, _BLOCK))
    stop = min(at + length, len(content))
    match draw.randrange(5):
        case 0:
            content[at] ^= 1 << draw.randrange(8)
        case 1:
            content[at:stop] = bytes(stop - at)
        case 2:
            content[at:stop] = b"\xff" * (stop - at)
        case 3:
            content[at:stop] = draw.randbytes(stop - at)
        case _:
            start = at // 4 * 4
            content[start : start + 8] = struct.pack(">d", draw.choice(_NUMBERS))


def _block(content: bytearray, draw: random.Random) -> None:
    """Double, drop or exchange blocks."""
    count = max(1, len(content) // _BLOCK)
    one, other = draw.randrange(count) * _BLOCK, draw.randrange(count) * _BLOCK
    match draw.randrange(3):
        case 0:
            content[one:one] = content[one : one + _BLOCK * draw.choice((1, 1, 5))]
        case 1:
            del content[one : one + _BLOCK]
        case _:
            content[one : one + _BLOCK], content[other : other + _BLOCK] = (
                content[other : other + _BLOCK],
                content[one : one + _BLOCK],
            )


def _heap(content: bytearray, draw: random.Random) -> None:
    """Write lengths and cards of rows that vary in length."""
    for _ in range(20):
        at = draw.randrange(0, max(4, len(content) - 8), 4)
        content[at : at + 8] = struct.pack(">ii", draw.choice(_LENGTHS), draw.choice(_LENGTHS))


def _cut(content: bytearray, draw: random.Random) -> None:
    del content[draw.randrange(len(content)) :]
