"""Writing of a spectrum and its background as PHA type I files (OGIP 92-007a)."""

import numpy as np

from eclgrmd.errors import PermanentError
from eclgrmd.formats.fits.provenance import Provenance
from eclgrmd.model.observation import Floats, Spectrum

from .hdus import Card, Column, bounds_table, channel_cards, gti_table, ogip, table, to_bytes

__all__ = ["background_to_fits", "spectrum_to_fits"]


def spectrum_to_fits(
    spectrum: Spectrum,
    provenance: Provenance,
    *,
    background_file: str = "none",
    response_file: str = "none",
) -> bytes:
    """Encode a spectrum as EBOUNDS, SPECTRUM and GTI, the order of GBM's files.

    Most programs find extensions by their names; gdt-core goes by their order.

    SPECTRUM has CHANNEL and COUNTS, and STAT_ERR, SYS_ERR, QUALITY and GROUPING if the spectrum has
    them.

    Parameters
    ----------
    spectrum
        The spectrum.
    provenance
        Primary keywords.
    background_file, response_file
        BACKFILE and RESPFILE: names of files in the same folder, or `none`.
    """
    columns: list[Column] = [("CHANNEL", "J", "", _numbers(spectrum)), _counts(spectrum.counts)]
    if spectrum.error is not None:
        columns.append(("STAT_ERR", "D", "count", spectrum.error))
    if spectrum.systematic is not None:
        columns.append(("SYS_ERR", "D", "", spectrum.systematic))
    if spectrum.good is not None:
        columns.append(("QUALITY", "I", "", np.where(spectrum.good, 0, 1)))
    if spectrum.grouping is not None:
        columns.append(("GROUPING", "I", "", spectrum.grouping))
    # A spectrum with errors and without background is net: its background is subtracted already.
    net = spectrum.background is None and spectrum.error is not None
    cards = [
        *ogip("SPECTRUM", "NET" if net else "TOTAL", "COUNT", "TYPE:I"),
        *_cards(spectrum, provenance, spectrum.exposure_s, background_file, response_file),
        ("POISSERR", spectrum.error is None, "errors are those of Poisson counts"),
    ]
    return _file(spectrum, provenance, columns, cards)


def background_to_fits(spectrum: Spectrum, provenance: Provenance) -> bytes:
    """Encode the background of a spectrum.

    A background with Gaussian errors is written as RATE and STAT_ERR in the exposure of the source,
    like GBM's BAK files. A Poisson background is written as the measured counts in their own
    exposure.

    Raises
    ------
    PermanentError
        If the spectrum has no background.
    """
    background = spectrum.background
    if background is None:
        raise PermanentError(f"the spectrum of {spectrum.detector} has no background to write")
    numbers: Column = ("CHANNEL", "J", "", _numbers(spectrum))
    back_scale: list[Column] = []
    if background.error is None:
        exposure_s = spectrum.exposure_s / background.scale
        columns = [numbers, _counts(background.counts / background.channel_scale)]
        if background.own_scale is not None:
            back_scale = [("BACKSCAL", "D", "", background.scale / background.own_scale)]
    else:
        exposure_s = spectrum.exposure_s
        columns = [
            numbers,
            ("RATE", "D", "count/s", background.counts / exposure_s),
            ("STAT_ERR", "D", "count/s", background.error / exposure_s),
        ]
    poisson = background.error is None
    cards = [
        *ogip("SPECTRUM", "BKG", "COUNT" if poisson else "RATE", "TYPE:I"),
        *_cards(spectrum, provenance, exposure_s, "none", "none"),
        ("POISSERR", poisson, "errors are those of Poisson counts"),
    ]
    if back_scale:
        cards = [card for card in cards if card[0] != "BACKSCAL"]
    return _file(spectrum, provenance, [*columns, *back_scale], cards)


def _file(
    spectrum: Spectrum, provenance: Provenance, columns: list[Column], cards: list[Card]
) -> bytes:
    tables = [
        table("SPECTRUM", columns, cards, provenance),
        gti_table(np.array([[spectrum.start_s, spectrum.stop_s]]), spectrum.detector, provenance),
    ]
    if spectrum.channels is not None:
        tables.insert(0, bounds_table(spectrum.channels, spectrum.detector, provenance))
    return to_bytes(provenance, tables)


def _cards(
    spectrum: Spectrum,
    provenance: Provenance,
    exposure_s: float,
    background_file: str,
    response_file: str,
) -> list[Card]:
    cards: list[Card] = [
        *channel_cards(_numbers(spectrum), 1, spectrum.detector),
        ("EXPOSURE", exposure_s, "[s] live time"),
        ("TSTART", provenance.t0_met_s + spectrum.start_s, "[s] start"),
        ("TSTOP", provenance.t0_met_s + spectrum.stop_s, "[s] end"),
        ("TELAPSE", spectrum.stop_s - spectrum.start_s, "[s] elapsed time"),
        ("BACKFILE", background_file, "background"),
        ("RESPFILE", response_file, "response"),
        ("ANCRFILE", "none", "effective area is in the response"),
        ("CORRFILE", "none", "no correction"),
        ("AREASCAL", 1.0, "area scaling"),
        ("BACKSCAL", 1.0, "background scaling"),
        ("CORRSCAL", 0.0, "correction scaling"),
    ]
    absent: list[Card] = [
        ("SYS_ERR", 0.0, "no systematic error"),
        ("QUALITY", 0, "all channels are good"),
        ("GROUPING", 0, "channels are not grouped"),
    ]
    there = (spectrum.systematic, spectrum.good, spectrum.grouping)
    return cards + [card for card, value in zip(absent, there, strict=True) if value is None]


def _numbers(spectrum: Spectrum) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    if spectrum.channels is None:
        return np.arange(1, len(spectrum.counts) + 1)
    return spectrum.channels.number.ravel()


def _counts(counts: Floats) -> Column:
    whole = bool((counts == np.rint(counts)).all() and (np.abs(counts) < 2**31).all())
    return ("COUNTS", "J" if whole else "D", "count", counts)
