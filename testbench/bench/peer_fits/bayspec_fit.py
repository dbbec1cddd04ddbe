"""bayspec: MIGRAD and HESSE as its own `iminuit` calls them, without the MINOS that follows."""

from collections.abc import Sequence
from pathlib import Path

from bayspec import Data, DataUnit, MaxLikeFit, Par, unif
from bayspec.model.local import band
from iminuit import Minuit
from numpy import log10

from .timing import START, Band, Fit, run


def prepare(spectra: Sequence[Path]) -> Fit:
    """Set up the joint fit of some spectra."""
    units = [
        (
            path.stem,
            DataUnit(
                src=str(path),
                bkg=str(path.with_suffix(".bak")),
                rsp=str(path.with_suffix(".rsp")),
                stat="pgstat",
            ),
        )
        for path in spectra
    ]
    model = band()
    # its own limit, -2, would cut off the optimum of the first set
    model.params[r"$\beta$"] = Par(START[3], unif(-5.0, -1.6))
    problem = MaxLikeFit([(Data(units), model)])

    amplitude, alpha, epeak, beta = START
    minuit = Minuit(problem.iminuit_cost, alpha, beta, log10(epeak), log10(amplitude))
    minuit.errordef = Minuit.LEAST_SQUARES
    for place, limits in enumerate(problem.free_pranges):
        minuit.limits[place] = limits

    def minimise() -> None:
        minuit.reset()
        minuit.migrad(ncall=10000)
        minuit.hesse()

    def optimum() -> Band:
        alpha, beta, epeak, amplitude = minuit.values
        return 10.0**amplitude, alpha, 10.0**epeak, beta

    return Fit(minimise, optimum)


if __name__ == "__main__":
    run("bayspec", prepare)
