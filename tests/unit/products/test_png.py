"""Images are encoded as PNG files that other programs read."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from eclgrmd.products.png import HEAD, chunk, encode_png


def test_an_image_is_read_back_with_its_resolution_and_text() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (7, 11, 3)).astype(np.uint8)
    content = encode_png(pixels, 160.0)
    signed = content[:HEAD] + chunk(b"tEXt", b"Source\0a task") + content[HEAD:]
    with Image.open(BytesIO(signed)) as image:
        image.load()
        assert image.mode == "RGB"
        assert image.info["Source"] == "a task"
        assert image.info["dpi"] == pytest.approx((160.0, 160.0), rel=1e-3)
        assert np.array_equal(np.asarray(image), pixels)
