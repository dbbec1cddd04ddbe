"""Pairing of each spectrum from a file with its background, response and effective area."""

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
"""A matrix whose rows all add up to less than this has no effective area: those of a pure
redistribution matrix add up to 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Matrices:
    """The matrices of one response file."""

    matrices: tuple[Matrix, ...]
    """All matrices, in the order of the file."""
    redistribution_only: bool
    """Whether an effective area must still be applied."""

    @property
    def responses(self) -> tuple[Response, ...]:
        """The matrices with a time of validity, and the sum of the others for each detector."""
        timed = [m.response for m in self.matrices if m.timed]
        timeless: dict[str, list[Response]] = {}
        for m in self.matrices:
            if not m.timed:
                timeless.setdefault(m.response.detector, []).append(m.response)
        return (*timed, *(summed_response(parts) for parts in timeless.values()))


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Everything that spectra can be paired with, by file."""

    backgrounds: Mapping[Path, tuple[PhaSpectrum, ...]]
    """Background spectra."""
    responses: Mapping[Path, Matrices]
    """Response matrices."""
    areas: Mapping[Path, tuple[Area, ...]]
    """Effective areas."""


def pair(spectrum: PhaSpectrum, calibration: Calibration) -> tuple[Spectrum, Path | None]:
    """Return the spectrum with background and response for a fit, and the response file.

    A file that the spectrum names takes precedence, then one of the same detector whose channels
    fit. Row k of several is paired with row or matrix k, in the order of EXTVER, if there are
    equally many and their times agree; otherwise with the matrix nearest in time. Flags name
    everything that is missing or does not fit.
    """
    return _Pairing(spectrum, calibration).pair()


@dataclass(slots=True, eq=False)
class _Pairing:
    """The pairing of one spectrum; its methods restrict the spectrum and collect flags."""

    spectrum: PhaSpectrum
    """The spectrum, restricted to the channels that it shares with its response."""
    calibration: Calibration
    """Everything that it can be paired with."""
    flags: list[str] = field(default_factory=list)
    """Flags so far."""

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
        """Return the possible response files; without RESPFILE, a matrix in its own file."""
        named, own = self.spectrum.response, self.spectrum.path
        if named is None and own in identities:
            return [(own, None)]
        return self.candidates("RESPFILE", named, identities, sizes)

    def chosen_matrix(self, path: Path, named: Reference | None) -> Response:
        """Choose the matrix of a file by name, row or time; sum matrices without times.

        Raises
        ------
        InputError
            If the named matrix does not exist, or the choice is ambiguous.
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
        """Return matrix k for spectrum k of a file; None: its times contradict that.

        Raises
        ------
        InputError
            If the matrices have different photon energies, so that they may be parts of one
            response (CAL/GEN 92-002, 2020).
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
        """Return whether a response is valid in the middle of the spectrum, if that is known."""
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
        """Return the response nearest in time to the middle of the spectrum."""
        if self.spectrum.start_s is None or self.spectrum.stop_s is None:
            return responses[0]
        middle_s = (self.spectrum.start_s + self.spectrum.stop_s) / 2
        distance = [max(r.start_s - middle_s, middle_s - r.stop_s, 0.0) for r in responses]
        return responses[int(np.argmin(distance))]

    def matched(self, path: Path, response: Response) -> Response:
        """Restrict spectrum and response to their common channels; return the response.

        Raises
        ------
        InputError
            If the common channels cannot be determined.
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
        """Return the response with effective area, AREASCAL and the spectrum's detector applied."""
        if area is not None:
            response = apply_area(response, area)
        spectrum = self.spectrum
        if (spectrum.area_scale != 1.0).any():
            response = replace(response, matrix_cm2=response.matrix_cm2 * spectrum.area_scale)
        return replace(response, instrument=spectrum.instrument, detector=spectrum.detector)

    def area(self, path: Path, response: Response) -> Area | None:
        """Return the effective area that is named, or else the only one that fits; None: none.

        Raises
        ------
        InputError
            If the matrix does not include an effective area and none is found.
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
        """Choose the spectrum of a background file by name or row, or else the first.

        Raises
        ------
        InputError
            If the named spectrum does not exist.
        """
        spectrum = self.spectrum
        every = self.calibration.backgrounds[path]
        found = [b for b in every if key_of(b) != key_of(spectrum)]
        if named is not None and named.points:
            found = [b for b in found if named.chooses(b.extension)]
        if not found:
            asked = "the spectrum itself" if named is None else named.literal
            raise InputError(f"{asked} is no background of {spectrum.path_name}")
        if named is not None and named.row is not None:
            return _chosen_row(path, named.row, found)
        found = [b for b in found if b.detector == spectrum.detector] or found
        found = [b for b in found if b.extension.version == spectrum.extension.version] or found
        rows = [b for b in found if b.row == spectrum.row and b.n_rows == spectrum.n_rows]
        return rows[0] if rows else found[0]

    def scaled(self, background: PhaSpectrum) -> Background:
        """Scale a background to the exposure, extraction region and effective area of the source.

        SYS_ERR of the background is ignored, as in XSPEC and 3ML, so that results agree with
        published fits. Channels without a background value are left out of the fit.
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
        """Return the possible files, the best first, with the references into them."""
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
    """Return the matrix with a number in braces: its EXTVER if all differ, or else its position.

    Raises
    ------
    InputError
        If there is no such matrix.
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


def _by_name(paths: Iterable[Path], source: Path) -> dict[str, Path]:
    """Return files by name; of several with one name, the one in the folder of the source."""
    ordered = sorted(paths, key=lambda path: path.parent == source.parent)
    return {path.name: path for path in ordered}


def key_of(spectrum: PhaSpectrum) -> tuple[Path, int, int]:
    """Return the identity of a spectrum: file, extension and row."""
    return spectrum.path, spectrum.extension.number, spectrum.row


def _same(spectrum: PhaSpectrum, instrument: Instrument, detector: str) -> bool:
    unknown = Instrument.OTHER in {instrument, spectrum.instrument}
    return detector == spectrum.detector and (unknown or instrument == spectrum.instrument)
