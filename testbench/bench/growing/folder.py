"""The whole folder of a Fermi-GBM burst, made from the real files of two of its detectors."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from astropy.io import fits

from eclgrmd.model.observation import Floats

__all__ = ["DETECTORS", "write_folder"]

DETECTORS = ("n3", "b0", *(f"n{i}" for i in "012456789ab"), "b1")
"""Names of all detectors; the first two are real."""
_NAI, _BGO = "n3", "b0"
"""Detectors whose files are copied."""
_TURN = 97
"""Events by which the channels are turned from one detector to the next."""
_BINS = {"ctime": 0.064, "cspec": 1.024}
"""Width of the bins of the binned data, seconds."""
_CTIME_EDGES = (0, 8, 20, 33, 51, 85, 106, 127, 128)
"""First of the 128 channels in each of the 8 of CTIME, as on board."""


def write_folder(
    source: Path,
    target: Path,
    detectors: Iterable[str] = DETECTORS,
    *,
    share: float = 1.0,
    span_s: tuple[float, float] = (-np.inf, np.inf),
) -> int:
    """Write events, CTIME, CSPEC and responses of detectors; return the number of events.

    The events of a copied detector have the times of the real one. Their channels are those of
    events a little later or earlier, so that each detector has counts of its own in each channel.

    Parameters
    ----------
    source
        Folder with the event files and responses of n3 and b0.
    target
        Folder to be made.
    detectors
        Names of the detectors.
    share
        Share of the events to keep.
    span_s
        First and last time to keep, seconds after the trigger.
    """
    target.mkdir(parents=True)
    written = 0
    for number, detector in enumerate(detectors):
        real = _BGO if detector.startswith("b") else _NAI
        with fits.open(next(source.glob(f"glg_tte_{real}_*"))) as hdus:
            start = hdus[0].header["TRIGTIME"]
            events = hdus["EVENTS"].data
            time_s = events["TIME"] - start
            kept = (time_s >= span_s[0]) & (time_s <= span_s[1])
            kept &= np.arange(len(time_s)) * share % 1.0 < share
            time_s, channel = time_s[kept], np.roll(events["PHA"], _TURN * number)[kept]
            written += len(time_s)
            _write_events(hdus, target, detector, time_s + start, channel)
            for kind, width_s in _BINS.items():
                _write_binned(hdus, target, detector, kind, width_s, time_s, channel)
        with fits.open(next(source.glob(f"glg_cspec_{real}_*.rsp2"))) as hdus:
            _save(hdus, target, detector, "cspec", "rsp2")
    return written


def _write_events(
    hdus: fits.HDUList, target: Path, detector: str, time: Floats, channel: np.ndarray
) -> None:
    columns = hdus["EVENTS"].columns
    table = fits.BinTableHDU.from_columns(
        [
            fits.Column("TIME", columns["TIME"].format, unit="s", array=time),
            fits.Column("PHA", columns["PHA"].format, array=channel),
        ],
        header=_without_columns(hdus["EVENTS"].header),
    )
    good = fits.BinTableHDU(hdus["GTI"].data.copy(), header=hdus["GTI"].header)
    good.data["START"][0], good.data["STOP"][-1] = time[0], time[-1]
    each = [hdus[0].copy(), hdus["EBOUNDS"].copy(), table, good]
    _save(fits.HDUList(each), target, detector, "tte", "fit")


def _write_binned(
    hdus: fits.HDUList,
    target: Path,
    detector: str,
    kind: str,
    width_s: float,
    time_s: Floats,
    channel: np.ndarray,
) -> None:
    """Write the events of a detector as binned spectra."""
    groups = _CTIME_EDGES if kind == "ctime" else tuple(range(129))
    edges = np.arange(time_s[0], time_s[-1], width_s)
    counts, _, _ = np.histogram2d(time_s, channel, bins=(edges, groups))
    primary = hdus[0].copy()
    primary.header["FILETYPE"], primary.header["DATATYPE"] = "PHAII", kind.upper()
    bounds = hdus["EBOUNDS"].data
    channels = fits.BinTableHDU.from_columns(
        [
            fits.Column("CHANNEL", "1I", array=np.arange(len(groups) - 1)),
            fits.Column("E_MIN", "1E", unit="keV", array=bounds["E_MIN"][list(groups[:-1])]),
            fits.Column(
                "E_MAX", "1E", unit="keV", array=bounds["E_MAX"][[g - 1 for g in groups[1:]]]
            ),
        ],
        header=_without_columns(hdus["EBOUNDS"].header),
    )
    channels.header["DETCHANS"] = len(groups) - 1
    met = hdus[0].header["TRIGTIME"] + edges
    table = fits.BinTableHDU.from_columns(
        [
            fits.Column("COUNTS", f"{len(groups) - 1}J", unit="count", array=counts),
            fits.Column("EXPOSURE", "1E", unit="s", array=np.full(len(counts), width_s)),
            fits.Column("QUALITY", "1I", array=np.zeros(len(counts))),
            fits.Column("TIME", "1D", unit="s", array=met[:-1]),
            fits.Column("ENDTIME", "1D", unit="s", array=met[1:]),
        ],
        header=_without_columns(hdus["EVENTS"].header),
    )
    table.header["EXTNAME"] = "SPECTRUM"
    table.header.update(
        {"HDUCLASS": "OGIP", "HDUCLAS1": "SPECTRUM", "HDUCLAS2": "TOTAL", "HDUCLAS3": "COUNT"}
    )
    table.header.update({"HDUCLAS4": "TYPEII", "DETCHANS": len(groups) - 1})
    good = hdus["GTI"].copy()
    _save(fits.HDUList([primary, channels, table, good]), target, detector, kind, "pha")


def _without_columns(header: fits.Header) -> fits.Header:
    """Return the keywords of a table that do not describe its columns."""
    kept = header.copy()
    for key in ("TTYPE*", "TFORM*", "TUNIT*", "TZERO*", "TSCAL*", "TLM*", "TNULL*", "TDISP*"):
        for found in list(kept[key]):
            del kept[found]
    return kept


def _save(hdus: fits.HDUList, target: Path, detector: str, kind: str, ending: str) -> None:
    part = "BGO" if detector.startswith("b") else "NAI"
    for hdu in hdus:
        hdu.header["DETNAM"] = f"{part}_{int(detector[1], 16):02d}"
        for key in ("CHECKSUM", "DATASUM"):
            hdu.header.remove(key, ignore_missing=True)
    name = f"glg_{kind}_{detector}_bn080916009_v01.{ending}"
    hdus[0].header["FILENAME"] = name
    hdus.writeto(target / name)
