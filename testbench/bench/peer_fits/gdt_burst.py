"""A burst by hand with gdt-core and gdt-fermi, as their tutorials teach: one Band fit, no T90.

Arguments: folder with the files of GRB 080916C, then start and stop of the source interval, s.
"""

import sys
from pathlib import Path

from gdt.core.background.binned import Polynomial
from gdt.core.background.fitter import BackgroundFitter
from gdt.core.binning.unbinned import bin_by_time
from gdt.core.spectra.fitting import SpectralFitterPgstat
from gdt.core.spectra.functions import Band
from gdt.missions.fermi.gbm.response import GbmRsp2
from gdt.missions.fermi.gbm.tte import GbmTte

BACKGROUND_S = ((-20.0, -3.0), (110.0, 200.0))
RANGES_KEV = {"n": (8.0, 900.0), "b": (250.0, 38000.0)}

folder, source_s = Path(sys.argv[1]), (float(sys.argv[2]), float(sys.argv[3]))
spectra, backgrounds, responses = [], [], []
for detector in ("n3", "b0"):
    (tte_path,) = folder.glob(f"glg_tte_{detector}_*.fit*")
    (rsp_path,) = folder.glob(f"glg_cspec_{detector}_*.rsp2")
    phaii = GbmTte.open(tte_path).to_phaii(bin_by_time, 1.024, time_ref=0.0)
    fitter = BackgroundFitter.from_phaii(phaii, Polynomial, time_ranges=BACKGROUND_S)
    fitter.fit(order=1)
    background = fitter.interpolate_bins(phaii.data.tstart, phaii.data.tstop)
    pha = phaii.to_pha(time_ranges=source_s, energy_range=RANGES_KEV[detector[0]])
    spectra.append(pha)
    backgrounds.append(background.to_bak(time_range=source_s))
    responses.append(GbmRsp2.open(rsp_path).interpolate(pha.tcent))
fit = SpectralFitterPgstat(spectra, backgrounds, responses, method="TNC")
fit.fit(Band(), options={"maxiter": 1000})
amplitude, epeak, alpha, beta = fit.parameters[:4]
print(f"Band: alpha {alpha:.3f}, Epeak {epeak:.1f} keV, beta {beta:.3f}", flush=True)
print(f"PGSTAT {fit.statistic:.2f} for {fit.dof} dof", flush=True)
