"""Writing of responses: redistribution times effective area, one extension per time range."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eclgrmd.errors import PermanentError
from eclgrmd.formats.fits.provenance import Provenance
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Floats, Response

from .hdus import Card, bounds_table, channel_cards, ogip, table, to_bytes

__all__ = ["response_to_fits"]

LOWEST_ENERGY_KEV = 1e-3
"""Lowest photon energy that is written: XSPEC refuses zero."""
_GBM_DETECTORS = {
    **{f"n{number:x}": f"NAI_{number:02d}" for number in range(12)},
    **{f"b{number}": f"BGO_{number:02d}" for number in range(2)},
}
"""Names of GBM's detectors in its own files."""


def response_to_fits(responses: Sequence[Response], provenance: Provenance) -> bytes:
    """Encode the responses of one detector as EBOUNDS and SPECRESP MATRIX (CAL/GEN 92-002a).

    Those of a GBM detector are written as GBM's own files are, so that gdt-core's `GbmRsp` reads
    them: F_CHAN and N_CHAN are of variable length and count channels from 1 (TLMIN4), whatever
    EBOUNDS counts from, and the primary header names the detector (NAI_03).

    Raises
    ------
    PermanentError
        If there are no responses, or they have different channels.
    """
    if not responses:
        raise PermanentError("no response to write")
    channels = responses[0].channels
    if any(len(r.channels.number) != len(channels.number) for r in responses):
        raise PermanentError(f"the responses of {responses[0].detector} have different channels")
    tables = [bounds_table(channels, responses[0].detector, provenance)]
    tables += [_matrix(r, i + 1, provenance) for i, r in enumerate(responses)]
    return to_bytes(provenance, tables, _gbm_cards(responses[0]))


def _gbm_cards(response: Response) -> list[Card]:
    """Return the primary keywords of a GBM response; none for other instruments."""
    name = response.detector
    if response.instrument is not Instrument.GBM or name not in _GBM_DETECTORS:
        return []
    return [("FILETYPE", "GBM DRM", "type of file"), ("DETNAM", _GBM_DETECTORS[name], "detector")]


def _matrix(response: Response, number: int, provenance: Provenance) -> Any:
    first, length = _groups(response.matrix_cm2)
    rows = np.empty(len(first), dtype=object)
    for i, (begin, n) in enumerate(zip(first, length, strict=True)):
        rows[i] = response.matrix_cm2[i, begin : begin + n].astype(np.float32)
    gbm = response.instrument is Instrument.GBM
    origin = 1 if gbm else int(response.channels.number[0])
    low = np.maximum(response.energy_low_kev, LOWEST_ENERGY_KEV)
    cards: list[Card] = [
        *ogip("RESPONSE", "RSP_MATRIX", "FULL"),
        *channel_cards(response.channels.number, 4, response.detector),
        ("HDUVERS", "1.3.0", "version of the format"),
        ("NUMEBINS", len(first), "number of photon energy bins"),
        ("LO_THRES", 0.0, "nothing was cut"),
        ("RSP_NUM", number, "number of the matrix"),
        ("EXTVER", number, "number of the matrix"),
    ]
    if gbm:
        last = origin + len(response.channels.number) - 1
        cards += [
            ("TLMIN4", origin, "lowest channel of F_CHAN"),
            ("TLMAX4", last, "highest channel of F_CHAN"),
        ]
    for key, time_s in (("TSTART", response.start_s), ("TSTOP", response.stop_s)):
        if np.isfinite(time_s):
            cards.append((key, provenance.t0_met_s + time_s, "[s] validity"))
    return table(
        "SPECRESP MATRIX",
        [
            ("ENERG_LO", "D", "keV", low),
            ("ENERG_HI", "D", "keV", response.energy_high_kev),
            ("N_GRP", "I", "", (length > 0).astype(np.int16)),
            ("F_CHAN", *_subsets(first + origin, length, varying=gbm)),
            ("N_CHAN", *_subsets(length, length, varying=gbm)),
            ("MATRIX", f"PE({max(int(length.max()), 1)})", "cm**2", rows),
        ],
        cards,
        provenance,
    )


def _subsets(
    values: NDArray[np.int64], length: NDArray[np.int64], *, varying: bool
) -> tuple[str, str, NDArray[Any]]:
    """Return TFORM, unit and values of F_CHAN or N_CHAN: one subset a row, or none if empty."""
    if not varying:
        return "J", "", values.astype(np.int32)
    rows = np.empty(len(values), dtype=object)
    for i, (value, n) in enumerate(zip(values, length, strict=True)):
        rows[i] = np.array([value] if n else [], dtype=np.int16)
    return "PI(1)", "", rows


def _groups(matrix: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return index of the first channel, and length, of the non-zero part of each row."""
    filled = matrix != 0.0
    n = matrix.shape[1]
    first = np.where(filled.any(axis=1), filled.argmax(axis=1), 0)
    last = n - filled[:, ::-1].argmax(axis=1)
    return first, np.where(filled.any(axis=1), last - first, 0)
