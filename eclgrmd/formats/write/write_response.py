"""Writing of responses: redistribution times effective area, one extension per time range."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from eclgrmd.errors import PermanentError
from eclgrmd.formats.fits.provenance import Provenance
from eclgrmd.model.observation import Floats, Response

from .hdus import Card, bounds_table, channel_cards, ogip, table, to_bytes

__all__ = ["response_to_fits"]

LOWEST_ENERGY_KEV = 1e-3
"""Lowest photon energy that is written: XSPEC refuses zero."""


def response_to_fits(responses: Sequence[Response], provenance: Provenance) -> bytes:
    """Encode the responses of one detector as EBOUNDS and SPECRESP MATRIX (CAL/GEN 92-002a).

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
    return to_bytes(provenance, tables)


def _matrix(response: Response, number: int, provenance: Provenance) -> Any:
    first, length = _groups(response.matrix_cm2)
    rows = np.empty(len(first), dtype=object)
    for i, (begin, n) in enumerate(zip(first, length, strict=True)):
        rows[i] = response.matrix_cm2[i, begin : begin + n].astype(np.float32)
    origin = int(response.channels.number[0])
    low = np.maximum(response.energy_low_kev, LOWEST_ENERGY_KEV)
    cards: list[Card] = [
        *ogip("RESPONSE", "RSP_MATRIX", "FULL"),
        *channel_cards(response.channels.number, 4, response.detector),
        ("HDUVERS", "1.3.0", "version of the format"),
        ("LO_THRES", 0.0, "nothing was cut"),
        ("RSP_NUM", number, "number of the matrix"),
        ("EXTVER", number, "number of the matrix"),
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
            ("F_CHAN", "J", "", (first + origin).astype(np.int32)),
            ("N_CHAN", "J", "", length.astype(np.int32)),
            ("MATRIX", f"PE({max(int(length.max()), 1)})", "cm**2", rows),
        ],
        cards,
        provenance,
    )


def _groups(matrix: Floats) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return index of the first channel, and length, of the non-zero part of each row."""
    filled = matrix != 0.0
    n = matrix.shape[1]
    first = np.where(filled.any(axis=1), filled.argmax(axis=1), 0)
    last = n - filled[:, ::-1].argmax(axis=1)
    return first, np.where(filled.any(axis=1), last - first, 0)
