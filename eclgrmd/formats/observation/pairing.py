"""Pair each ready-made spectrum with its background, response and effective area."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.identity import stem_of
from eclgrmd.formats.fits.reference import Reference, find_named, in_order
from eclgrmd.formats.read.pha import PhaSpectrum, restricted
from eclgrmd.formats.read.response import Area, Matrix, apply_area
from eclgrmd.formats.read.summed import summed_response
from eclgrmd.formats.rows.numbering import Numbering, match_channels
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Background, Channels, Floats, Response, Spectrum

__all__ = ["Calibration", "Matrices", "key_of", "pair"]

LEAST_AREA_CM2 = 1.1
"""A matrix of less only tells how energies are spread: its rows add up to 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Matrices:
    """All matrices of one response file."""

    matrices: tuple[Matrix, ...]
    redistribution_only: bool
    """True where an effective area is still to be applied."""

    @property
    def responses(self) -> tuple[Response, ...]:
        """Those that hold at times, and of each detector the sum of the matrices without times."""
        timed = [m.response for m in self.matrices if m.timed]
        timeless: dict[str, list[Response]] = {}
        for m in self.matrices:
            if not m.timed:
                timeless.setdefault(m.response.detector, []).append(m.response)
        return (*timed, *(summed_response(parts) for parts in timeless.values()))


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What spectra can be paired with, by file."""

    backgrounds: Mapping[Path, tuple[PhaSpectrum, ...]]
    responses: Mapping[Path, Matrices]
    areas: Mapping[Path, tuple[Area, ...]]


def pair(spectrum: PhaSpectrum, calibration: Calibration) -> tuple[Spectrum, Path | None]:
    """Make the spectrum that a fit needs; also return the response file used.

    A file that the spectrum names wins; else one of the same detector whose channels fit. Row k of
    several goes with row or matrix k, in the order of EXTVER, where the numbers of both agree and
    times do not contradict it; else with the matrix nearest in time. What is missing or does not
    fit is told by the flags.
    """
    return _Pairing(spectrum, calibration).pair()


@dataclass(slots=True, eq=False)
class _Pairing:
    """One spectrum on its way to its response and background."""

    spectrum: PhaSpectrum
    calibration: Calibration
    flags: list[str] = field(default_factory=list)

    def pair(self) -> tuple[Spectrum, Path | None]:
        path, response = self.response()
        background = None if self.spectrum.net else self.background()
        spectrum = self.spectrum
        start_s, stop_s = spectrum.start_s, spectrum.stop_s
        if start_s is None or stop_s is None:
            start_s, stop_s = 0.0, spectrum.exposure_s
            self.flags.append("times unknown")
        channels = response.channels if response is not None else spectrum.channels
        return (
            Spectrum(
                spectrum.instrument,
                spectrum.detector,
                start_s,
                stop_s,
                spectrum.counts,
                spectrum.exposure_s,
                background,
                response,
                channels,
                spectrum.error,
                spectrum.systematic,
                None if spectrum.good.all() else spectrum.good,
                spectrum.grouping,
                (*spectrum.flags, *_width_flags(channels), *self.flags),
                spectrum.mission,
                (spectrum.path_name,),
            ),
            path,
        )

    def response(self) -> tuple[Path | None, Response | None]:
        identities = {
            path: _identities([m.response for m in found.matrices])
            for path, found in self.calibration.responses.items()
        }
        sizes = {
            path: found.matrices[0].response.matrix_cm2.shape[1]
            for path, found in self.calibration.responses.items()
        }
        for path, named in self.response_candidates(identities, sizes):
            try:
                response = self.matched(path, self.chosen_matrix(path, named))
                area = self.area(path, response)
            except InputError as error:
                self.flags.append(f"no response: {error}")
                return None, None
            return path, self.finished(response, area)
        self.flags.append("no response")
        return None, None

    def response_candidates(
        self,
        identities: Mapping[Path, Sequence[tuple[Instrument, str]]],
        sizes: Mapping[Path, int],
    ) -> Sequence[tuple[Path, Reference | None]]:
        """List the response files that may be meant; without RESPFILE, that in its own file."""
        named, own = self.spectrum.response, self.spectrum.path
        if named is None and own in identities:
            return [(own, None)]
        return self.candidates("RESPFILE", named, identities, sizes)

    def chosen_matrix(self, path: Path, named: Reference | None) -> Response:
        """Choose among the matrices of a file: as named, by row, by time; those without: the sum.

        Raises
        ------
        InputError
            Where there is none that the name points to.
        """
        found = self.calibration.responses[path].matrices
        own = [m for m in found if _same(self.spectrum, m.response.instrument, m.response.detector)]
        if named is not None and named.points:
            return self.only(path, named, found).response
        if named is not None and named.row is not None:
            return _numbered(path, named.row, found).response
        own = own if own and len({m.response.detector for m in found}) > 1 else list(found)
        if 1 < self.spectrum.n_spectra == len(own):
            if (response := self.numbered_alike(path, own)) is not None:
                return response
        elif not any(m.timed for m in own):
            if len(own) > 1:
                self.flags.append(f"response is the sum of the {len(own)} matrices of {path.name}")
            return summed_response([m.response for m in own])
        if not all(m.timed for m in own):
            raise InputError(
                f"{path.name} has matrices with times of validity and others without: "
                "RESPFILE must name one of them"
            )
        return self.nearest([m.response for m in own])

    def numbered_alike(self, path: Path, found: Sequence[Matrix]) -> Response | None:
        """Return matrix k for spectrum k of a file; None where its times contradict that.

        Raises
        ------
        InputError
            Where the matrices may as well be parts of one response (CAL/GEN 92-002, 2020), as
            those on different photon energies are.
        """
        rank, n = self.spectrum.rank, len(found)
        if any(m.timed for m in found) and not all(m.timed for m in found):
            return None
        by_extension = {m.extension: m for m in found}
        chosen = by_extension[in_order(list(by_extension))[rank - 1]]
        if all(m.timed for m in found):
            return chosen.response if self.is_within(chosen.response) else None
        if not all(_same_energies(m.response, found[0].response) for m in found):
            raise InputError(
                f"{path.name} has {n} matrices on different photon energies for {n} spectra: they "
                "may be parts of one response, or one for each: RESPFILE must name one of them"
            )
        self.flags.append(
            f"spectrum {rank} of {n} takes matrix {rank} of the {n} of {path.name} "
            f"({chosen.extension.name}, EXTVER {chosen.extension.version}): "
            "RESPFILE names none of them"
        )
        return chosen.response

    def is_within(self, response: Response) -> bool:
        """Return whether the spectrum's middle lies in the times of a response, if it has one."""
        if self.spectrum.start_s is None or self.spectrum.stop_s is None:
            return True
        return (
            response.start_s
            <= (self.spectrum.start_s + self.spectrum.stop_s) / 2
            <= response.stop_s
        )

    def only(self, path: Path, named: Reference, found: Sequence[Matrix]) -> Matrix:
        chosen = [m for m in found if named.chooses(m.extension)]
        if not chosen:
            there = ", ".join(f"{m.extension.name},{m.extension.version}" for m in found)
            raise InputError(f"{named.literal} is not in {path.name}: its matrices are {there}")
        return chosen[0] if named.row is None else _numbered(path, named.row, chosen)

    def nearest(self, responses: Sequence[Response]) -> Response:
        """Choose the response nearest in time."""
        if self.spectrum.start_s is None or self.spectrum.stop_s is None:
            return responses[0]
        middle_s = (self.spectrum.start_s + self.spectrum.stop_s) / 2
        distance = [max(r.start_s - middle_s, middle_s - r.stop_s, 0.0) for r in responses]
        return responses[int(np.argmin(distance))]

    def matched(self, path: Path, response: Response) -> Response:
        """Cut spectrum and response to the channels that they have in common.

        Raises
        ------
        InputError
            Where it cannot be told which channels these are.
        """
        theirs = Numbering(path.name, response.channels.number, None, response.channels)
        left, right = match_channels(self.spectrum.numbering, theirs)
        n, m = len(self.spectrum.counts), len(theirs.number)
        if n != m:
            self.flags.append(
                f"{len(left)} channels matched by number: {n} in {self.spectrum.path_name}, "
                f"{m} in {path.name}"
            )
        self.spectrum = restricted(self.spectrum, left)
        if len(right) == m:
            return response
        channels = response.channels
        return replace(
            response,
            matrix_cm2=response.matrix_cm2[:, right],
            channels=Channels(
                channels.number[right], channels.e_min_kev[right], channels.e_max_kev[right]
            ),
        )

    def finished(self, response: Response, area: Area | None) -> Response:
        """Apply effective area and AREASCAL, and give the response the spectrum's name."""
        if area is not None:
            response = apply_area(response, area)
        spectrum = self.spectrum
        if (spectrum.area_scale != 1.0).any():
            response = replace(response, matrix_cm2=response.matrix_cm2 * spectrum.area_scale)
        return replace(response, instrument=spectrum.instrument, detector=spectrum.detector)

    def area(self, path: Path, response: Response) -> Area | None:
        """Choose the effective area that is named, else the only one that fits.

        Raises
        ------
        InputError
            Where a matrix has none in it and none is found.
        """
        areas, named = self.calibration.areas, self.spectrum.ancillary
        found = None if named is None else find_named(named, _by_name(areas, self.spectrum.path))
        if found is not None:
            return _chosen_area(found[1], areas[found[0]])
        if not self.calibration.responses[path].redistribution_only:
            return None
        every = [a for parts in areas.values() for a in parts]
        same = [a for a in every if a.detector == self.spectrum.detector]
        fitting = [a for a in same if len(a.area_cm2) == len(response.energy_low_kev)]
        if len(fitting) == 1:
            return fitting[0]
        missing = "ANCRFILE must name one" if named is None else f"{named.literal} was not found"
        if response.matrix_cm2.sum(axis=1).max() < LEAST_AREA_CM2:
            raise InputError(f"{path.name} is without effective area: {missing}")
        self.flags.append(f"response taken with the area that it has: {missing}")
        return None

    def background(self) -> Background | None:
        identities = {
            path: _identities(rows) for path, rows in self.calibration.backgrounds.items()
        }
        sizes = {path: len(rows[0].counts) for path, rows in self.calibration.backgrounds.items()}
        for path, named in self.candidates("BACKFILE", self.spectrum.background, identities, sizes):
            try:
                return self.scaled(self.chosen_row(path, named))
            except InputError as error:
                self.flags.append(f"no background: {error}")
                return None
        self.flags.append("no background")
        return None

    def chosen_row(self, path: Path, named: Reference | None) -> PhaSpectrum:
        """Choose among the spectra of a background file: as named, by row, else the first.

        Raises
        ------
        InputError
            Where there is none that the name points to.
        """
        spectrum = self.spectrum
        every = self.calibration.backgrounds[path]
        told = [b for b in every if key_of(b) != key_of(spectrum)]
        if named is not None and named.points:
            told = [b for b in told if named.chooses(b.extension)]
        if not told:
            asked = "the spectrum itself" if named is None else named.literal
            raise InputError(f"{asked} is no background of {spectrum.path_name}")
        if named is not None and named.row is not None:
            return _chosen_row(path, named.row, told)
        told = [b for b in told if b.detector == spectrum.detector] or told
        told = [b for b in told if b.extension.version == spectrum.extension.version] or told
        rows = [b for b in told if b.row == spectrum.row and b.n_rows == spectrum.n_rows]
        return rows[0] if rows else told[0]

    def scaled(self, background: PhaSpectrum) -> Background:
        """Scale a background to the source's exposure, extraction and effective area.

        Its SYS_ERR is left aside, as XSPEC and 3ML do: theirs is the error that the published fits
        of such files carry. Channels for which it has no value are left out of the fit.
        """
        source = self.spectrum
        ours, theirs = match_channels(source.numbering, background.numbering)
        known = np.zeros(len(source.counts), dtype=bool)
        known[ours] = background.good[theirs]
        self.flags += [f"background: {flag}" for flag in background.flags]
        if len(ours) < len(source.counts):
            self.flags.append(
                f"{len(source.counts) - len(ours)} channels left out: {background.path_name} "
                "has no background for them"
            )
        self.spectrum = replace(source, good=source.good & known)

        def of(values: Floats) -> Floats:
            out = np.zeros(len(source.counts))
            out[ours] = values[theirs]
            return out

        factor = (
            (source.exposure_s / background.exposure_s)
            * (source.back_scale / np.where(known, of(background.back_scale), 1.0))
            * (source.area_scale / np.where(known, of(background.area_scale), 1.0))
        )
        error = None if background.error is None else of(background.error) * factor
        counts = of(background.counts) * factor
        if error is not None:
            return Background(counts, error)
        alike = np.ptp(factor) <= 1e-9 * factor[0]
        return Background(counts, None, float(factor.mean()), None if alike else factor)

    def candidates(
        self,
        key: str,
        named: Reference | None,
        identities: Mapping[Path, Sequence[tuple[Instrument, str]]],
        sizes: Mapping[Path, int],
    ) -> Sequence[tuple[Path, Reference | None]]:
        """List the files that may be meant, the best first, with what points into them."""
        if named is not None:
            found = find_named(named, _by_name(identities, self.spectrum.path))
            if found is not None:
                return [found]
        same = [path for path, those in identities.items() if self.is_of(those)]
        same = [path for path in same if sizes[path] == len(self.spectrum.counts)] or same
        if len(same) > 1:
            stem = stem_of(self.spectrum.path_name)
            same = [path for path in same if stem_of(path.name) == stem] or same
        if named is not None:
            instead = f": {same[0].name} taken" if same else ": give it or put it beside"
            self.flags.append(f"{key} names {named.literal}, which was not found{instead}")
        return [(path, None) for path in same[:1]]

    def is_of(self, identities: Sequence[tuple[Instrument, str]]) -> bool:
        return any(_same(self.spectrum, *identity) for identity in identities)


def _identities(
    parts: Sequence[Response] | Sequence[PhaSpectrum],
) -> tuple[tuple[Instrument, str], ...]:
    return tuple((part.instrument, part.detector) for part in parts)


def _width_flags(channels: Channels | None) -> list[str]:
    if channels is None:
        return []
    flat = int((channels.e_max_kev <= channels.e_min_kev).sum())
    return [f"{flat} channels without width"] if flat else []


def _same_energies(one: Response, other: Response) -> bool:
    return len(one.energy_low_kev) == len(other.energy_low_kev) and np.allclose(
        one.energy_low_kev, other.energy_low_kev, rtol=1e-3
    )


def _numbered(path: Path, number: int, found: Sequence[Matrix]) -> Matrix:
    """Choose the matrix of a number in braces: its EXTVER where each has its own, else its place.

    Raises
    ------
    InputError
        Where there are fewer.
    """
    versions = [m.extension.version for m in found]
    if len(set(versions)) == len(found) and number in versions:
        return found[versions.index(number)]
    if not 1 <= number <= len(found):
        raise InputError(f"matrix {{{number}}} is not in {path.name}: it has {len(found)}")
    return found[number - 1]


def _chosen_row(path: Path, number: int, rows: Sequence[PhaSpectrum]) -> PhaSpectrum:
    for row in rows:
        if row.row == number:
            return row
    raise InputError(f"row {{{number}}} is not in {path.name}: it has {len(rows)} spectra")


def _chosen_area(named: Reference, areas: Sequence[Area]) -> Area:
    chosen = [area for area in areas if named.chooses(area.extension)]
    if not chosen:
        raise InputError(f"{named.literal} has no such effective area")
    return chosen[0]


def _by_name(paths: Iterable[Path], beside: Path) -> dict[str, Path]:
    """Map names to files; of several of one name the one beside a file is meant."""
    ordered = sorted(paths, key=lambda path: path.parent == beside.parent)
    return {path.name: path for path in ordered}


def key_of(spectrum: PhaSpectrum) -> tuple[Path, int, int]:
    """Return what tells a spectrum from all others: file, extension and row."""
    return spectrum.path, spectrum.extension.number, spectrum.row


def _same(spectrum: PhaSpectrum, instrument: Instrument, detector: str) -> bool:
    unknown = Instrument.OTHER in {instrument, spectrum.instrument}
    return detector == spectrum.detector and (unknown or instrument == spectrum.instrument)
