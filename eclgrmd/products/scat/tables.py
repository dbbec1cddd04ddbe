"""SCat files: one for each model and kind of interval, with a row for each interval.

The form is that of GBM's spectral catalogue (`glg_scat_*.fit`), as gdt-core's `Scat` reads it. A
number that is not known is NaN. Errors are 1-sigma: first downwards, then upwards, as gdt-core
takes them.
"""

from collections.abc import Iterator, Sequence

from eclgrmd.analysis.spectral.results import IntervalFits, SpectralFit
from eclgrmd.formats.write.hdus import Card, to_bytes
from eclgrmd.products.file_keywords import FileKeywords
from eclgrmd.products.naming import UniqueNames, product_name
from eclgrmd.products.product import FITS, Product, ProductKind

from .detector_rows import detector_table
from .fit_rows import fit_table

__all__ = ["scat_tables"]

Pair = tuple[IntervalFits, SpectralFit]


def scat_tables(
    intervals: Sequence[IntervalFits], keywords: FileKeywords, unique: UniqueNames
) -> Iterator[Product]:
    """Yield one file for each model and kind of interval.

    Parameters
    ----------
    intervals
        Spectra and fits.
    keywords, unique
        Makers of primary keywords and of unique names.
    """
    groups: dict[tuple[str, str, tuple[str, ...]], list[Pair]] = {}
    for interval in intervals:
        for fit in interval.models:
            if fit.statistic_value is not None:
                key = (interval.kind, fit.name, interval.detectors)
                groups.setdefault(key, []).append((interval, fit))
    for (kind, model, _), pairs in groups.items():
        spectra = pairs[0][0].spectra
        instruments = [spectrum.instrument for spectrum in spectra]
        name = unique(product_name(instruments, "SCAT", kind.upper(), model, suffix=".fits"))
        # A file of several instruments is one of the mission of the first.
        provenance = keywords.of(spectra[0].instrument, name, spectra[0].mission)
        t0 = provenance.t0_met_s
        cards: list[Card] = [
            ("FILETYPE", "SPECTRAL FITS", "type of file"),
            ("FILENAME", name, "name of this file"),
            ("TSTART", t0 + min(each.interval_s[0] for each, _ in pairs), "[s] start"),
            ("TSTOP", t0 + max(each.interval_s[1] for each, _ in pairs), "[s] end"),
        ]
        tables = [detector_table(pairs, cards[2:], provenance), fit_table(pairs, provenance)]
        content = to_bytes(provenance, tables, cards)
        yield Product(name, ProductKind.FIT, FITS, content)
