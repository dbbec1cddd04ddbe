"""A burst that was analysed: its numbers, its plots and table, and how it is analysed anew."""

import shutil
import weakref
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, assert_never, get_args

from eclgrmd.errors import InputError
from eclgrmd.model.flags import texts
from eclgrmd.model.interval import Interval
from eclgrmd.model.measurement import NOT_MEASURED
from eclgrmd.model.pipeline import STEPS_NAME
from eclgrmd.model.result import (
    Character,
    Duration,
    Fluence,
    Flux,
    ModelFit,
    Result,
    SpectrumFits,
    Width,
)
from eclgrmd.pipeline.earlier_run import EarlierRun, replay_request, rerun_request
from eclgrmd.pipeline.output import whole_output
from eclgrmd.pipeline.pictures import StoredTask
from eclgrmd.products.summary import summary_text

from .changes import nested_changes
from .html import html_of
from .making import FilePath, draw_figures, made
from .request import analysis_named
from .values import Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Burst", "PlotKind"]

B = TypeVar("B", Flux, Fluence)

PlotKind = Literal["light_curve", "spectrum"]
"""What can be plotted."""


class Burst:
    """The result of an analysis, together with the folder of its products.

    `analyze` and `load` make it. Numbers are those of the reference results, which come first in
    `durations` and `spectra`; `result` has everything, as in `result.json`.

    Parameters
    ----------
    result
        Content of `result.json`.
    folder
        Folder of the products.
    temporary
        Whether to remove the folder as soon as the burst is no longer used.
    figures_pending
        Whether the figures among the products are still to be drawn.
    """

    def __init__(
        self, result: Result, folder: Path, *, temporary: bool, figures_pending: bool
    ) -> None:
        self.result = result
        """All results, as in `result.json`."""
        self.folder = folder
        """Folder of the products; that of an unsaved burst is removed with the burst."""
        self._figures_pending = figures_pending
        if temporary:
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)

    @property
    def id(self) -> str:
        """Name of the burst."""
        return self.result.burst.id

    @property
    def t0(self) -> str | None:
        """Reference time, ISO-8601 UTC; None: no file tells an absolute time."""
        return self.result.burst.t0

    @property
    def durations(self) -> tuple[Duration, ...]:
        """Durations by instrument, the reference first."""
        return self.result.durations

    @property
    def spectra(self) -> tuple[SpectrumFits, ...]:
        """Fits of all models by interval, the reference first."""
        return self.result.spectra

    @property
    def character(self) -> Character | None:
        """Peak rates, hardness, lag, variability and class; None: nothing significant."""
        return self.durations[0].character if self.durations else None

    @property
    def flags(self) -> tuple[str, ...]:
        """What is missing or doubtful, in the result as a whole and in the reference results."""
        found = list(self.result.flags)
        for duration in self.durations[:1]:
            found += duration.flags
        for fits in self.spectra[:1]:
            found += fits.flags
            for fit in fits.models[:1]:
                found += fit.flags
        return tuple(dict.fromkeys(texts(found)))

    @property
    def t90(self) -> Value:
        """T90 of the reference duration, seconds."""
        return _width(self.durations[0].t90) if self.durations else Value(unit="s")

    @property
    def t50(self) -> Value:
        """T50 of the reference duration, seconds."""
        return _width(self.durations[0].t50) if self.durations else Value(unit="s")

    def fit(self, model: str = "", interval: str = "") -> ModelFit:
        """Return the fit of a model to the spectra of an interval.

        Parameters
        ----------
        model
            Name of the model, for example `band`; empty: the first of the configured ones.
        interval
            Kind of the interval, for example `t100` or `peak`; empty: the reference.

        Raises
        ------
        InputError
            If there is no such fit; the text names those that there are.
        """
        fits = [(each, fit) for each in self.spectra for fit in each.models]
        for each, fit in fits:
            if model in ("", fit.name) and interval in ("", each.kind):
                return fit
        known = ", ".join(f"{fit.name} ({each.kind})" for each, fit in fits) or "no fit at all"
        asked = f"{model or 'any model'} ({interval or 'any interval'})"
        raise InputError(f"{asked}: no such fit: there is {known}")

    def parameters(self, model: str = "", interval: str = "") -> dict[str, Value]:
        """Return the parameters of a fit by name, with errors and units; as for `fit`."""
        found = self.fit(model, interval).parameters
        return {name: Value(each.measurement, each.unit) for name, each in found.items()}

    def fluence(
        self, model: str = "", interval: str = "", band_kev: Interval | None = None
    ) -> Value:
        """Return the energy fluence of a fit, erg/cm2.

        Parameters
        ----------
        model, interval
            Which fit, as for `fit`.
        band_kev
            One of the bands in `spectral.flux_bands_kev` of the configuration; None: the first.

        Raises
        ------
        InputError
            If there is no such fit or band; the text names those that there are.
        """
        found = _of_band(self.fit(model, interval).fluence_erg, band_kev)
        return Value(found.measurement if found else NOT_MEASURED, "erg / cm2")

    def flux(self, model: str = "", interval: str = "", band_kev: Interval | None = None) -> Value:
        """Return the mean energy flux of a fit over its interval, erg/cm2/s; as for `fluence`."""
        found = _of_band(self.fit(model, interval).flux, band_kev)
        return Value(found.energy_erg if found else NOT_MEASURED, "erg / (cm2 s)")

    def plot(
        self,
        kind: PlotKind = "light_curve",
        *,
        axes: Any = None,
        instrument: str = "",
        window_s: Interval | None = None,
        model: str = "",
        interval: str = "",
    ) -> "Axes":
        """Plot the light curve, or the spectra with a folded model and residuals.

        Parameters
        ----------
        kind
            What to plot.
        axes
            Axes of matplotlib to draw into, a pair of them for `spectrum`; None: new ones.
        instrument
            Instrument of the light curve, as in INSTRUME; empty: the reference.
        window_s
            What to show of the light curve, seconds after t0; None: the burst.
        model, interval
            Which fit to show, as for `fit`.

        Returns
        -------
        Axes
            The axes; of a spectrum those of the rates.

        Raises
        ------
        InputError
            If there is nothing of this kind, or no such kind.
        PermanentError
            If the folder lacks the stored data.
        """
        from .plots import plot_light_curve, plot_spectrum  # noqa: PLC0415 - imports matplotlib

        if kind not in get_args(PlotKind):
            raise InputError(f"kind is {kind!r}: must be one of {', '.join(get_args(PlotKind))}")
        match kind:
            case "light_curve":
                return plot_light_curve(self._stored, axes, instrument, window_s)
            case "spectrum":
                return plot_spectrum(self._stored, axes, interval, model)
            case _:
                assert_never(kind)

    def to_table(self) -> Any:
        """Return the columns of the catalogue as a table of astropy with one row.

        Values that are not known are masked. `astropy.table.vstack` joins the rows of bursts.
        """
        from eclgrmd.products.catalogue import (  # noqa: PLC0415 - astropy's tables are large
            Entry,
            catalogue_table,
        )

        return catalogue_table([Entry(self.result, str(self.folder))])

    def rerun(
        self,
        *,
        output: FilePath | None = None,
        analysis: str = "",
        data: Sequence[FilePath] = (),
        **changes: Any,
    ) -> "Burst":
        """Analyse the same files with other settings; steps that these do not touch are reused.

        The result is that of a new analysis, bit for bit.

        Parameters
        ----------
        output
            Folder for the products; None: one that is removed with the new burst.
        analysis
            What to compute: temporal, spectral or burst; empty: the same as before.
        data
            Files or folders, if the data are no longer where they were.
        **changes
            Changed keys of the configuration, as for `analyze`; None: the built-in value.

        Raises
        ------
        InputError
            If a key or value is wrong, or if a file has changed or is missing.
        """
        run = EarlierRun(self.folder, self.result)
        wanted = nested_changes(changes)
        request = rerun_request(run, wanted, Path(), [Path(each) for each in data])
        kind = analysis_named(analysis) if analysis else None
        result, folder, pending = made(request, output, kind)
        return Burst(result, folder, temporary=output is None, figures_pending=pending)

    def save(self, folder: FilePath) -> Path:
        """Write all products into a folder, the figures too; return its path.

        Products of an earlier run in the folder are replaced as a whole.
        """
        if self._figures_pending:
            draw_figures(replay_request(EarlierRun(self.folder, self.result), self.folder))
            self._figures_pending = False
        target = Path(folder)
        if target.resolve() != self.folder.resolve():
            with whole_output(target) as unfinished:
                for path in _files(self.folder):
                    shutil.copy2(path, unfinished)
        return target

    def __str__(self) -> str:
        """Return the summary, as in `summary.txt`."""
        return summary_text(self.result)

    def __repr__(self) -> str:
        """Return the name of the burst and its T90."""
        return f"<Burst {self.id}: T90 {self.t90}>"

    def _repr_html_(self) -> str:
        """Return the main results as a table, for notebooks."""
        return html_of(self.result)

    @cached_property
    def _stored(self) -> StoredTask:
        return StoredTask(self.folder / STEPS_NAME)


def _of_band(values: Sequence[B], band_kev: Interval | None) -> B | None:
    """Return the value of a band, None where the first one is asked for and there is none."""
    if band_kev is None:
        return values[0] if values else None
    low, high = map(float, band_kev)
    for each in values:
        if each.band_kev == (low, high):
            return each
    known = ", ".join(f"{first:g}-{last:g}" for first, last in (each.band_kev for each in values))
    raise InputError(
        f"band_kev is {low:g}-{high:g}: must be one of {known or 'none at all'} keV: "
        "flux_bands_kev of an analysis has the bands"
    )


def _width(width: Width) -> Value:
    return Value(width.measurement, "s")


def _files(folder: Path) -> Iterable[Path]:
    return (path for path in folder.iterdir() if path.is_file() and path.name[0] != ".")
