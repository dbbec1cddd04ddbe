"""The analyst's spread of a burst: the content of `spread.json`."""

from typing import Any

from msgspec import Struct

__all__ = ["SPREAD_NAME", "Answer", "QuantitySpread", "Question", "Space", "Spread"]

SPREAD_NAME = "spread.json"
"""Name of the file beside `result.json`."""
_LABELS = {
    "t90_s": ("T90", "s"),
    "t50_s": ("T50", "s"),
    "epeak_kev": ("Epeak", "keV"),
    "flux_erg": ("flux", "erg/cm2/s"),
}


class Answer(Struct, frozen=True):
    """A choice for one question."""

    name: str
    """What is chosen, in a few words."""
    keys: dict[str, Any] = {}
    """Keys of the task configuration that make the choice; empty: the burst's own configuration."""


class Question(Struct, frozen=True):
    """Something that the analyst has to choose."""

    name: str
    """What is to be chosen, in a few words."""
    answers: tuple[Answer, ...]
    """Choices; all have the same weight."""
    spectral: bool = False
    """Whether only spectra depend on it, so that durations need not be measured again."""


class Space(Struct, frozen=True, forbid_unknown_fields=True):
    """The questions of a study, which can be given as a file, too."""

    questions: tuple[Question, ...]
    """Questions, independent of each other."""


class QuantitySpread(Struct, frozen=True, kw_only=True):
    """The results of all choices for one quantity."""

    quantity: str
    """t90_s, t50_s, epeak_kev or flux_erg (10-1000 keV, erg/cm2/s)."""
    value: float | None
    """Value by the burst's own configuration."""
    statistical: float | None
    """Its 1-sigma statistical error, the mean of both sides."""
    choices: int
    """Choices with a value."""
    median: float
    """Median of them."""
    low_68: float
    """16th percentile."""
    high_68: float
    """84th percentile."""
    low_95: float
    """2.5th percentile."""
    high_95: float
    """97.5th percentile."""
    shares: dict[str, float]
    """First-order share of the variance that each question explains, largest first."""

    @property
    def half_width(self) -> float:
        """Half of the central 68 % of all choices."""
        return 0.5 * (self.high_68 - self.low_68)

    def sentence(self) -> str:
        """Return a sentence that can stand in a paper."""
        name, unit = _LABELS[self.quantity]
        said = (
            f"Over {self.choices} defensible choices of the analysis, the central 68 % of {name} "
            f"span {self.low_68:.4g} to {self.high_68:.4g} {unit}"
        )
        if self.statistical:
            ratio = self.half_width / self.statistical
            said += f", {ratio:.2g} times the statistical error of {self.statistical:.2g} {unit}"
        question, share = next(iter(self.shares.items()), ("", 0.0))
        if share > 0.0:
            part = f"{100 * share:.0f} % of the variance"
            said += f"; the largest part, {part}, comes from the choice of {question}"
        return f"{said}."


class Spread(Struct, frozen=True, kw_only=True):
    """The analyst's spread of a burst."""

    schema: str = "eclgrmd.spread/1"
    """Version of this schema."""
    software: str
    """Version of eclgrmd."""
    burst_id: str
    """Burst."""
    seed: int
    """Seed of the choices."""
    choices: int
    """Choices that were analysed."""
    failed: int
    """Number of them by which nothing could be measured."""
    space: Space
    """The questions and their answers."""
    cpu_s: float
    """CPU time of all choices, seconds."""
    quantities: tuple[QuantitySpread, ...]
    """Spread by quantity."""

    def text(self) -> str:
        """Return the spread as lines for people."""
        lines = [f"{self.burst_id}: {self.choices} choices, {self.failed} without a result"]
        for each in self.quantities:
            shares = ", ".join(f"{name} {100 * share:.0f} %" for name, share in each.shares.items())
            lines += [each.sentence(), f"  shares of the variance: {shares}"]
        return "\n".join(lines)
