"""What an analysis does not need is not imported: each import delays the first answer."""

import subprocess
import sys

UNUSED = {
    *("astropy.cosmology", "matplotlib", "scipy.interpolate", "scipy.ndimage", "scipy.optimize"),
    *("scipy.sparse", "scipy.spatial", "scipy.stats"),
}


def test_an_analysis_imports_nothing_heavy_that_it_does_not_use() -> None:
    program = f"import sys, eclgrmd.pipeline; print({UNUSED} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
