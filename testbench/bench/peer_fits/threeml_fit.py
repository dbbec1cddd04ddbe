"""3ML: its joint likelihood with MINUIT and covariance."""

import sys
from collections.abc import Sequence
from pathlib import Path

from .timing import START, Fit, run

# without its compiled library, this sampler ends the program when it is imported
sys.modules["pymultinest"] = None  # type: ignore[assignment]

from threeML import Band as BandFunction  # noqa: E402
from threeML import DataList, JointLikelihood, Model, OGIPLike, PointSource  # noqa: E402


def prepare(spectra: Sequence[Path]) -> Fit:
    """Set up the joint fit of some spectra."""
    plugins = [
        OGIPLike(
            path.stem,
            observation=str(path),
            background=str(path.with_suffix(".bak")),
            response=str(path.with_suffix(".rsp")),
        )
        for path in spectra
    ]
    shape = BandFunction()
    source = PointSource("source", 0.0, 0.0, spectral_shape=shape)
    problem = JointLikelihood(Model(source), DataList(*plugins))
    problem.set_minimizer("minuit")
    parameters = (shape.K, shape.alpha, shape.xp, shape.beta)

    def minimise() -> None:
        for parameter, value in zip(parameters, START, strict=True):
            parameter.value = value
        problem.fit(quiet=True, compute_covariance=True)

    return Fit(minimise, lambda: [parameter.value for parameter in parameters])


if __name__ == "__main__":
    run("threeML", prepare)
