"""`result.json`, schema `eclgrmd.result/2`: what an analysis finds, each value defined once.

The analysis makes these values itself. Where products need more than is published (curves, fits,
arrays), it derives a class of its own that adds it: `products.result.published` writes what is
declared here and leaves the rest out.

Times are seconds after t0. A value that is not known is null, and a flag says why.
"""

from .character import (
    Character,
    Classification,
    ClassName,
    DetectorSignificance,
    HardnessRatio,
    Morphology,
    MorphologyName,
    PeakRate,
    SpectralLag,
    VariabilityScale,
)
from .document import BurstTime, Result
from .durations import NO_WIDTH, Duration, PhotonFluence, Width
from .process import Input, Process, StepRecord
from .spectra import (
    EvolutionPoint,
    Fluence,
    Flux,
    GoodnessOfFit,
    LikelihoodRatio,
    ModelFit,
    Parameter,
    Posterior,
    PosteriorParameter,
    RestFrame,
    SpectrumFits,
    Statistic,
)

__all__ = [
    "NO_WIDTH",
    "BurstTime",
    "Character",
    "ClassName",
    "Classification",
    "DetectorSignificance",
    "Duration",
    "EvolutionPoint",
    "Fluence",
    "Flux",
    "GoodnessOfFit",
    "HardnessRatio",
    "Input",
    "LikelihoodRatio",
    "ModelFit",
    "Morphology",
    "MorphologyName",
    "Parameter",
    "PeakRate",
    "PhotonFluence",
    "Posterior",
    "PosteriorParameter",
    "Process",
    "RestFrame",
    "Result",
    "SpectralLag",
    "SpectrumFits",
    "Statistic",
    "StepRecord",
    "VariabilityScale",
    "Width",
]
