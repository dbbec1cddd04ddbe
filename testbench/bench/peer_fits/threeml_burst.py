"""A burst by hand with threeML, as its tutorial of GBM teaches: one Band fit, no T90.

Arguments: folder with the files of GRB 080916C, then start and stop of the source interval, s.
"""

import sys
from pathlib import Path

# without its compiled library, this sampler ends the program when it is imported
sys.modules["pymultinest"] = None  # type: ignore[assignment]

from threeML import (  # noqa: E402
    Band,
    DataList,
    JointLikelihood,
    Model,
    PointSource,
    TimeSeriesBuilder,
)

BACKGROUND_S = ("-20--3", "110-200")
RANGES_KEV = {"n": "8-900", "b": "250-38000"}

folder, source_s = Path(sys.argv[1]), f"{sys.argv[2]}-{sys.argv[3]}"
plugins = []
for detector in ("n3", "b0"):
    (tte_path,) = folder.glob(f"glg_tte_{detector}_*.fit*")
    (rsp_path,) = folder.glob(f"glg_cspec_{detector}_*.rsp2")
    series = TimeSeriesBuilder.from_gbm_tte(
        detector, tte_file=str(tte_path), rsp_file=str(rsp_path), poly_order=1, verbose=False
    )
    series.set_background_interval(*BACKGROUND_S)
    series.set_active_time_interval(source_s)
    plugin = series.to_spectrumlike()
    plugin.set_active_measurements(RANGES_KEV[detector[0]])
    plugins.append(plugin)
shape = Band()
shape.xp.value = 300.0
problem = JointLikelihood(
    Model(PointSource("source", 0.0, 0.0, spectral_shape=shape)), DataList(*plugins)
)
problem.fit(quiet=True)
print(f"Band: alpha {shape.alpha.value:.3f}, Epeak {shape.xp.value:.1f} keV,", flush=True)
print(f"beta {shape.beta.value:.3f}", flush=True)
