"""ELISA (compiled by JAX): MIGRAD of strategy 2, which ends with HESSE.

Its own `mle` compiles the gradient at every call, which takes a second. For a fair comparison the
compiled function is minimised again from the start instead.
"""

from collections.abc import Sequence
from pathlib import Path

from elisa import Data, MaxLikeFit
from elisa.infer.results import MLEResult
from elisa.models import BandEp

from .timing import START, Fit, run

_EVERYTHING_KEV = (1e-3, 1e6)
"""Range that excludes no channel."""


def prepare(spectra: Sequence[Path]) -> Fit:
    """Compile the joint fit of some spectra."""
    data = [
        Data(
            _EVERYTHING_KEV,
            specfile=str(path),
            backfile=str(path.with_suffix(".bak")),
            respfile=str(path.with_suffix(".rsp")),
            name=path.stem,
        )
        for path in spectra
    ]
    problem = MaxLikeFit(data, BandEp(method="simpson"), stat="pgstat")
    names = ("BandEp.K", "BandEp.alpha", "BandEp.Ep", "BandEp.beta")
    result = problem.mle(init=dict(zip(names, START, strict=True)))
    # the public result offers no way to restart
    minuit, helper = result._minuit, result._helper  # noqa: SLF001

    def minimise() -> None:
        minuit.reset()
        minuit.migrad(iterate=10)

    def optimum() -> list[float]:
        values = MLEResult(minuit, helper).mle
        return [values[name][0] for name in names]

    return Fit(minimise, optimum)


if __name__ == "__main__":
    run("astro-elisa", prepare)
