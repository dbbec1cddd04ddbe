"""PNG files hold the pixels, the resolution and the text that were given."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from eclgrmd.products.png import encode_png, with_text


@pytest.mark.parametrize("shape", [(1, 1, 3), (7, 5, 3), (3, 40, 4)])
def test_a_png_has_the_pixels_and_the_resolution(shape: tuple[int, int, int]) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    with Image.open(BytesIO(encode_png(pixels, 160)), formats=["PNG"]) as image:
        image.load()
        assert image.mode == "RGB"
        assert np.array_equal(np.asarray(image), pixels[..., :3])
        assert image.info["dpi"] == pytest.approx((160, 160), abs=0.1)


def test_a_png_has_the_text() -> None:
    content = with_text(encode_png(np.zeros((2, 2, 3), np.uint8), 72), "Source", "one → é\ntwo")
    with Image.open(BytesIO(content), formats=["PNG"]) as image:
        image.load()
        assert image.info["Source"] == "one ? é\ntwo"
