"""Print what sherpa reads from a spectrum; run by a Python that has sherpa but not eclgrmd."""

import json
import logging
import sys

from sherpa.astro.io import read_pha


def main(path: str, photons_cm2: str) -> None:
    """Print spectrum, background, and photons folded by the response, as JSON."""
    logging.getLogger("sherpa").setLevel(logging.ERROR)
    data = read_pha(path, use_errors=True)
    (background_id,) = data.background_ids
    background = data.get_background(background_id)
    _, response = data.get_response()
    found = {
        "counts": data.counts,
        "exposure_s": data.exposure,
        "quality": data.quality,
        "grouping": data.grouping,
        "background": background.counts * data.get_background_scale(background_id),
        "background_error": background.staterror,
        "e_min_kev": response.e_min,
        "folded": response.apply_rmf(json.loads(photons_cm2)),
    }
    json.dump(found, sys.stdout, default=lambda array: array.tolist())


if __name__ == "__main__":
    main(*sys.argv[1:])
