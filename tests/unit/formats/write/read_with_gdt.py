"""Print what gdt-core reads; run apart because importing it leaves warnings and files behind."""

import json
import sys
import warnings
from pathlib import Path

import numpy as np


def main(kind: str, path: str) -> None:
    """Print the content of a response, a spectrum or a SCat file, as JSON; or write a spectrum."""
    from gdt.core.background.primitives import BackgroundSpectrum
    from gdt.core.data_primitives import EnergyBins, Gti
    from gdt.core.pha import Bak, Pha
    from gdt.missions.fermi.gbm.response import GbmRsp
    from gdt.missions.fermi.gbm.scat import Scat

    if kind == "rsp":
        response = GbmRsp.open(path)
        found = {"detector": response.detector, "matrix": response.drm.matrix.tolist()}
    elif kind == "pha":
        spectrum = Pha.open(path)
        data = spectrum.data
        found = {
            "values": data.counts.tolist(),
            "exposure_s": float(spectrum.exposure),
            "low_kev": data.lo_edges.tolist(),
            "high_kev": data.hi_edges.tolist(),
            "time_range": [float(time) for time in spectrum.time_range],
            "valid": [int(channel) for channel in spectrum.valid_channels],
        }
    elif kind == "write":
        edges = np.array([10.0, 20.0, 50.0, 300.0, 1000.0])
        made = Pha.from_data(
            EnergyBins(np.array([4, 9, 16, 1]), edges[:-1], edges[1:], 1.9),
            gti=Gti.from_list([(-0.5, 1.5)]),
            trigger_time=5e8,
            channel_mask=np.array([True, True, False, True]),
            filename=Path(path).name,
        )
        made.headers["PRIMARY"]["TSTART"], made.headers["PRIMARY"]["TSTOP"] = 5e8 - 0.5, 5e8 + 1.5
        for name in ("PRIMARY", "EBOUNDS", "SPECTRUM", "GTI"):
            if "INSTRUME" in made.headers[name]:
                made.headers[name]["INSTRUME"] = "GBM"
        made.write(str(Path(path).parent), overwrite=True)
        rates = np.array([1.5, 3.0, 6.0, 0.5])
        background = Bak.from_data(
            BackgroundSpectrum(rates, np.full(4, 0.25), edges[:-1], edges[1:], np.full(4, 1.9)),
            gti=Gti.from_list([(-0.5, 1.5)]),
            trigger_time=5e8,
            filename=Path(path).with_suffix(".bak").name,
        )
        for name in ("PRIMARY", "EBOUNDS", "SPECTRUM", "GTI"):
            if "INSTRUME" in background.headers[name]:
                background.headers[name]["INSTRUME"] = "GBM"
        background.write(str(Path(path).parent), overwrite=True)
        found = {}
    else:
        scat = Scat.open(path)
        found = {
            "detectors": [
                {
                    "name": str(each.detector),
                    "time_range": [float(time) for time in each.time_range],
                    "channels": [int(channel) for channel in each.channel_range],
                    "counts": [float(value) for value in each.photon_counts],
                    "model": [float(value) for value in each.photon_model],
                }
                for each in scat.detectors
            ],
            "fits": [
                {
                    "name": each.name,
                    "parameters": {
                        str(p.name): [float(p.value), *(float(e) for e in p.uncertainty)]
                        for p in each.parameters
                    },
                    "covariance": each.covariance.tolist(),
                    "statistic": [str(each.stat_name), float(each.stat_value), int(each.dof)],
                    "photon_flux": float(each.photon_flux.value),
                    "energy_fluence": float(each.energy_fluence.value),
                }
                for each in scat.model_fits
            ],
        }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # of keywords that only GBM's own files have
    main(*sys.argv[1:])
