"""Print what gdt-core reads; run apart because importing it leaves warnings and files behind."""

import json
import sys
import warnings


def main(kind: str, path: str) -> None:
    """Print the content of a response or a SCat file, as JSON."""
    from gdt.missions.fermi.gbm.response import GbmRsp
    from gdt.missions.fermi.gbm.scat import Scat

    if kind == "rsp":
        response = GbmRsp.open(path)
        found = {"detector": response.detector, "matrix": response.drm.matrix.tolist()}
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
