"""Entries of a catalogue: results of the golden set, some of which lack spectra or durations."""

import json
from pathlib import Path

import msgspec
from msgspec.structs import replace

from eclgrmd.model.result import Result
from eclgrmd.products.catalogue import Entry
from tests.support.checkout import CHECKOUT

__all__ = ["ENTRIES"]

_FILES = sorted((CHECKOUT / "tests" / "golden").glob("*/**/sb261[01]*.json")) + sorted(
    (CHECKOUT / "tests" / "golden" / "real").glob("*.json")
)


def _entry(path: Path) -> Entry:
    return Entry(msgspec.convert(json.loads(path.read_bytes()), Result), path.stem)


def _with_peak(entry: Entry) -> Entry:
    """Return an entry whose reference spectrum is also that of the peak."""
    spectra = entry.result.spectra
    peak = tuple(replace(each, kind="peak") for each in spectra[:1])
    return Entry(replace(entry.result, spectra=(*spectra, *peak)), f"{entry.source}-peak")


ENTRIES = [_entry(path) for path in _FILES]
ENTRIES += [_with_peak(each) for each in ENTRIES]
"""Bursts with and without a spectrum, of several missions, also with a spectrum of the peak."""
