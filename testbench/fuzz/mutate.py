"""Damages valid documents: bits, cuts, insertions, repeats and difficult tokens."""

import random

__all__ = ["mutated"]

_TOKENS = (
    b"", b"NaN", b"-Infinity", b"1e999", b"-0", b"9" * 5000, b"null", b"\xff", b"\xed\xa0\x80",
    b'"\\ud800"', b"[" * 3000, b'{"a":' * 3000, b"\x91" * 3000, b"\x81\xa1a" * 3000, b"&x;",
    b"9999-12-31T23:59:59.999999Z", b"0001-01-01T00:00:00+23:59", b"\0", b"\xe2\x80\xa8",
    b"\xcb\x7f\xf8\0\0\0\0\0\0", b"\xcf" + b"\xff" * 8, b"\xdb\xff\xff\xff\xff", b"A" * 70_000,
)  # fmt: skip
"""Tokens that replace or extend a text; the first nine are short."""


def mutated(document: bytes, draw: random.Random) -> bytes:
    """Return a document with one to five changes."""
    text = bytearray(document)
    for _ in range(draw.choice((1, 1, 2, 5))):
        position = draw.randrange(len(text) + 1)
        _change(text, position, draw)
    return bytes(text)


def _change(text: bytearray, position: int, draw: random.Random) -> None:
    stop = position + draw.randrange(1, 12)
    match draw.randrange(7):
        case 0 if position < len(text):
            text[position] ^= 1 << draw.randrange(8)
        case 1:
            del text[position:stop]
        case 2:
            text[position:position] = draw.randbytes(draw.randrange(1, 9))
        case 3:
            text[position:stop] = draw.choice(_TOKENS)
        case 4 if draw.random() < 0.1:
            del text[position:]
        case 5:
            text[position:stop] = draw.choice(_TOKENS[:9])
        case _:
            other = draw.randrange(len(text) + 1)
            text[position:stop] = text[other : other + stop - position]
