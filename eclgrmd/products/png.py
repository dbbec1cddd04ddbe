"""PNG files (ISO/IEC 15948): the image of a figure, and chunks of text."""

import zlib
from struct import pack

import numpy as np
from numpy.typing import NDArray

__all__ = ["HEAD", "chunk", "encode_png"]

HEAD = 33
"""Length of the signature and the first chunk, bytes; text chunks may follow."""
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_RGB, _BITS = 2, 8
"""Colour type without opacity, and bits of a sample."""
_LEVEL = 3
"""Level of compression: large even areas become no smaller at higher levels, but take longer."""
_INCH_M = 0.0254
"""Length of an inch, m."""


def encode_png(pixels: NDArray[np.uint8], dots_per_inch: float) -> bytes:
    """Return an image, shape (height, width, 3), as PNG.

    Rows are not filtered: for lines on an even ground that is no larger, and takes less time.
    """
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + 3 * width), dtype=np.uint8)  # a first byte 0: not filtered
    rows[:, 1:] = pixels.reshape(height, -1)
    per_metre = round(dots_per_inch / _INCH_M)
    return b"".join(
        (
            _SIGNATURE,
            chunk(b"IHDR", pack(">IIBBBBB", width, height, _BITS, _RGB, 0, 0, 0)),
            chunk(b"pHYs", pack(">IIB", per_metre, per_metre, 1)),
            chunk(b"IDAT", zlib.compress(rows.tobytes(), _LEVEL)),
            chunk(b"IEND", b""),
        )
    )


def chunk(kind: bytes, content: bytes) -> bytes:
    """Return a chunk of a PNG file."""
    check = zlib.crc32(kind + content)
    return pack(">I", len(content)) + kind + content + pack(">I", check)
