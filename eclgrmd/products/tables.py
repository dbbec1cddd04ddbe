"""Spectra as OGIP FITS files, with the commands that load them into XSPEC."""

from collections.abc import Iterator, Sequence

from eclgrmd.analysis.spectral.results import IntervalFits
from eclgrmd.formats import background_to_fits, response_to_fits, spectrum_to_fits
from eclgrmd.model.observation import Spectrum

from .file_keywords import FileKeywords
from .naming import UniqueNames, interval_labels, product_name
from .product import FITS, TEXT, Product, ProductKind
from .xspec.commands import xspec_commands

__all__ = ["spectra_tables"]


def spectra_tables(
    intervals: Sequence[IntervalFits], keywords: FileKeywords, unique: UniqueNames
) -> Iterator[Product]:
    """Yield the files of every interval.

    Parameters
    ----------
    intervals
        Spectra and fits.
    keywords, unique
        Makers of primary keywords and of unique names.
    """
    labels = interval_labels([interval.kind for interval in intervals])
    for label, interval in zip(labels, intervals, strict=True):
        yield from _interval_tables(interval, label, keywords, unique)


def _interval_tables(
    interval: IntervalFits, label: str, keywords: FileKeywords, unique: UniqueNames
) -> Iterator[Product]:
    """Yield files of each fitted spectrum with its background and response, then the commands."""
    files = []
    for spectrum in interval.spectra:
        for product in _spectrum_tables(spectrum, label, keywords, unique):
            yield product
            if product.kind is ProductKind.SPECTRUM:
                files.append(product.name)
    if interval.models:
        instruments = [spectrum.instrument for spectrum in interval.spectra]
        model = interval.best.name
        name = unique(product_name(instruments, "SPE", label, model, suffix=".xcm"))
        commands = xspec_commands(interval, files).encode()
        yield Product(name, ProductKind.COMMANDS, TEXT, commands)


def _spectrum_tables(
    spectrum: Spectrum, label: str, keywords: FileKeywords, unique: UniqueNames
) -> Iterator[Product]:
    def name(what: str, suffix: str) -> str:
        return unique(
            product_name([spectrum.instrument], what, label, spectrum.detector, suffix=suffix)
        )

    instrument, files = spectrum.instrument, {"background": "none", "response": "none"}
    if spectrum.background is not None:
        files["background"] = name("BKG", ".bak")
        provenance = keywords.of(instrument, files["background"], spectrum.mission)
        content = background_to_fits(spectrum, provenance)
        yield Product(files["background"], ProductKind.BACKGROUND, FITS, content)
    if spectrum.response is not None:
        files["response"] = name("RSP", ".rsp")
        content = response_to_fits(
            [spectrum.response], keywords.of(instrument, files["response"], spectrum.mission)
        )
        yield Product(files["response"], ProductKind.RESPONSE, FITS, content)
    source = name("SPE", ".pha")
    content = spectrum_to_fits(
        spectrum,
        keywords.of(instrument, source, spectrum.mission),
        background_file=files["background"],
        response_file=files["response"],
    )
    yield Product(source, ProductKind.SPECTRUM, FITS, content)
