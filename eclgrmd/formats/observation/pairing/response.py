"""Choice of the response of a spectrum among the matrices and effective areas of all files."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from eclgrmd.errors import InputError
from eclgrmd.formats.fits.reference import Reference, find_named, in_order
from eclgrmd.formats.read.pha import restricted
from eclgrmd.formats.read.response import Area, Matrix, apply_area
from eclgrmd.formats.read.summed import summed_response
from eclgrmd.formats.rows.numbering import Numbering, match_channels
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Channels, Response

from .calibration import Pairing, candidates, files_by_name, identities_of, is_same_detector

__all__ = ["find_response"]

LEAST_AREA_CM2 = 1.1
"""A matrix whose rows all add up to less than this has no effective area: those of a pure
redistribution matrix add up to 1."""


def find_response(pairing: Pairing) -> tuple[Path | None, Response | None]:
    """Return the response of a spectrum and its file, and restrict the spectrum to its channels.

    Both are None, with a flag, if no response is found.
    """
    identities = {
        path: identities_of([m.response for m in found.matrices])
        for path, found in pairing.calibration.responses.items()
    }
    sizes = {
        path: found.matrices[0].response.matrix_cm2.shape[1]
        for path, found in pairing.calibration.responses.items()
    }
    for path, named in _response_candidates(pairing, identities, sizes):
        try:
            response = _matched(pairing, path, _chosen_matrix(pairing, path, named))
            area = _area(pairing, path, response)
        except InputError as error:
            pairing.flags.append(Flag(FlagCode.NO_RESPONSE, detail=str(error)))
            return None, None
        return path, _finished(pairing, response, area)
    pairing.flags.append(Flag(FlagCode.NO_RESPONSE))
    return None, None


def _response_candidates(
    pairing: Pairing,
    identities: Mapping[Path, Sequence[tuple[Instrument, str]]],
    sizes: Mapping[Path, int],
) -> Sequence[tuple[Path, Reference | None]]:
    """Return the possible response files; without RESPFILE, a matrix in its own file."""
    named, own = pairing.spectrum.response, pairing.spectrum.path
    if named is None and own in identities:
        return [(own, None)]
    return candidates(pairing, "RESPFILE", named, identities, sizes)


def _chosen_matrix(pairing: Pairing, path: Path, named: Reference | None) -> Response:
    """Choose the matrix of a file by name, row or time; sum matrices without times.

    Raises
    ------
    InputError
        If the named matrix does not exist, or the choice is ambiguous.
    """
    found = pairing.calibration.responses[path].matrices
    own = [
        m
        for m in found
        if is_same_detector(pairing.spectrum, m.response.instrument, m.response.detector)
    ]
    if named is not None and named.points:
        return _only(pairing, path, named, found).response
    if named is not None and named.row is not None:
        return _numbered(path, named.row, found).response
    own = own if own and len({m.response.detector for m in found}) > 1 else list(found)
    if 1 < pairing.spectrum.n_spectra == len(own):
        if (response := _numbered_alike(pairing, path, own)) is not None:
            return response
    elif not any(m.timed for m in own):
        if len(own) > 1:
            detail = f"{len(own)} matrices of {path.name}"
            pairing.flags.append(Flag(FlagCode.RESPONSE_SUM, detail=detail))
        return summed_response([m.response for m in own])
    if not all(m.timed for m in own):
        raise InputError(
            f"{path.name} has matrices with times of validity and others without: "
            "RESPFILE must name one of them"
        )
    return _nearest(pairing, [m.response for m in own])


def _numbered_alike(pairing: Pairing, path: Path, found: Sequence[Matrix]) -> Response | None:
    """Return matrix k for spectrum k of a file; None: its times contradict that.

    Raises
    ------
    InputError
        If the matrices have different photon energies, so that they may be parts of one
        response (CAL/GEN 92-002, 2020).
    """
    rank, n = pairing.spectrum.rank, len(found)
    if any(m.timed for m in found) and not all(m.timed for m in found):
        return None
    by_extension = {m.extension: m for m in found}
    chosen = by_extension[in_order(list(by_extension))[rank - 1]]
    if all(m.timed for m in found):
        return chosen.response if _is_within(pairing, chosen.response) else None
    if not all(_same_energies(m.response, found[0].response) for m in found):
        raise InputError(
            f"{path.name} has {n} matrices on different photon energies for {n} spectra: they "
            "may be parts of one response, or one for each: RESPFILE must name one of them"
        )
    pairing.flags.append(
        Flag(
            FlagCode.RESPONSE_BY_ORDER,
            detail=f"{rank} of {n} takes matrix {rank} of the {n} of {path.name} "
            f"({chosen.extension.name}, EXTVER {chosen.extension.version})",
        )
    )
    return chosen.response


def _is_within(pairing: Pairing, response: Response) -> bool:
    """Return whether a response is valid in the middle of the spectrum, if that is known."""
    if pairing.spectrum.start_s is None or pairing.spectrum.stop_s is None:
        return True
    return (
        response.start_s
        <= (pairing.spectrum.start_s + pairing.spectrum.stop_s) / 2
        <= response.stop_s
    )


def _only(pairing: Pairing, path: Path, named: Reference, found: Sequence[Matrix]) -> Matrix:
    chosen = [m for m in found if named.chooses(m.extension)]
    if not chosen:
        there = ", ".join(f"{m.extension.name},{m.extension.version}" for m in found)
        raise InputError(f"{named.literal} is not in {path.name}: its matrices are {there}")
    return chosen[0] if named.row is None else _numbered(path, named.row, chosen)


def _nearest(pairing: Pairing, responses: Sequence[Response]) -> Response:
    """Return the response nearest in time to the middle of the spectrum."""
    if pairing.spectrum.start_s is None or pairing.spectrum.stop_s is None:
        return responses[0]
    middle_s = (pairing.spectrum.start_s + pairing.spectrum.stop_s) / 2
    distance = [max(r.start_s - middle_s, middle_s - r.stop_s, 0.0) for r in responses]
    return responses[int(np.argmin(distance))]


def _matched(pairing: Pairing, path: Path, response: Response) -> Response:
    """Restrict spectrum and response to their common channels; return the response.

    Raises
    ------
    InputError
        If the common channels cannot be determined.
    """
    theirs = Numbering(path.name, response.channels.number, None, response.channels)
    left, right = match_channels(pairing.spectrum.numbering, theirs)
    n, m = len(pairing.spectrum.counts), len(theirs.number)
    if n != m:
        pairing.flags.append(
            Flag(
                FlagCode.CHANNELS_BY_NUMBER,
                detail=f"{len(left)} channels matched by number: {n} in "
                f"{pairing.spectrum.path_name}, {m} in {path.name}",
            )
        )
    pairing.spectrum = restricted(pairing.spectrum, left)
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


def _finished(pairing: Pairing, response: Response, area: Area | None) -> Response:
    """Return the response with effective area, AREASCAL and the spectrum's detector applied."""
    if area is not None:
        response = apply_area(response, area)
    spectrum = pairing.spectrum
    if (spectrum.area_scale != 1.0).any():
        response = replace(response, matrix_cm2=response.matrix_cm2 * spectrum.area_scale)
    return replace(response, instrument=spectrum.instrument, detector=spectrum.detector)


def _area(pairing: Pairing, path: Path, response: Response) -> Area | None:
    """Return the effective area that is named, or else the only one that fits; None: none.

    Raises
    ------
    InputError
        If the matrix does not include an effective area and none is found.
    """
    areas, named = pairing.calibration.areas, pairing.spectrum.ancillary
    found = (
        None if named is None else find_named(named, files_by_name(areas, pairing.spectrum.path))
    )
    if found is not None:
        return _chosen_area(found[1], areas[found[0]])
    if not pairing.calibration.responses[path].redistribution_only:
        return None
    every = [a for parts in areas.values() for a in parts]
    same = [a for a in every if a.detector == pairing.spectrum.detector]
    fitting = [a for a in same if len(a.area_cm2) == len(response.energy_low_kev)]
    if len(fitting) == 1:
        return fitting[0]
    missing = "ANCRFILE must name one" if named is None else f"{named.literal} was not found"
    if response.matrix_cm2.sum(axis=1).max() < LEAST_AREA_CM2:
        raise InputError(f"{path.name} is without effective area: {missing}")
    pairing.flags.append(Flag(FlagCode.AREA_AS_IS, detail=missing))
    return None


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


def _chosen_area(named: Reference, areas: Sequence[Area]) -> Area:
    chosen = [area for area in areas if named.chooses(area.extension)]
    if not chosen:
        raise InputError(f"{named.literal} has no such effective area")
    return chosen[0]
