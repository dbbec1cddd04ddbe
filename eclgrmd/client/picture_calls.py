"""Calls for the data of pictures."""

import array
import sys
from collections.abc import AsyncIterator, Iterable
from typing import Any, TypeVar

import msgspec

from eclgrmd.model.interval import Interval
from eclgrmd.model.names import path_part
from eclgrmd.model.rest import API
from eclgrmd.model.rest.pictures import (
    Evolution,
    LightCurves,
    MeasuredDurations,
    PictureKind,
    Spectra,
)
from eclgrmd.model.rest.queries import Numbered
from eclgrmd.model.rest.replays import KnownThen, VhfHistory
from eclgrmd.model.rest.thumbnails import Thumbnail

from .calls import Calls
from .errors import UnavailableError

__all__ = ["PictureCalls"]

T = TypeVar("T")


class PictureCalls(Calls):
    """Calls for the data of pictures, which come as MessagePack."""

    async def light_curves(
        self,
        task_id: str,
        *,
        instrument: str = "",
        detectors: Iterable[str] = (),
        separate: bool = False,
        bands_kev: Iterable[Interval] = (),
        window_s: Interval | None = None,
        bin_s: float | None = None,
        points: int = 2000,
    ) -> LightCurves:
        """Return light curves of a task with their background.

        Parameters
        ----------
        task_id
            The task.
        instrument
            Instrument of a measured duration; empty: that of the reference.
        detectors
            Only these detectors; none: those of the measurement.
        separate
            Whether each detector gets its own light curves; otherwise they are summed.
        bands_kev
            Energy bands, keV; none: the band of the measurement.
        window_s
            Begin and end, seconds after t0; None: those of the measurement.
        bin_s
            Bin width of events, seconds; None: one that fills the window with `points` bins.
        points
            Most bins of a curve; of more, the lowest and highest of each group are kept.
        """
        query = _curve_query(instrument, detectors, separate, bands_kev, window_s, bin_s, points)
        return await self._of_task(LightCurves, task_id, PictureKind.LIGHT_CURVES, query)

    async def durations(self, task_id: str) -> MeasuredDurations:
        """Return the durations of a task, with their blocks, and what light curves can be made."""
        return await self._of_task(MeasuredDurations, task_id, PictureKind.DURATIONS)

    async def spectra(self, task_id: str, interval: int = 0) -> Spectra:
        """Return the spectra of an interval of a task; 0 is the reference."""
        query = [("interval", str(interval))]
        return await self._of_task(Spectra, task_id, PictureKind.SPECTRA, query)

    async def evolution(self, task_id: str) -> Evolution:
        """Return the spectral evolution of a task."""
        return await self._of_task(Evolution, task_id, PictureKind.EVOLUTION)

    async def vhf_history(self, burst_id: str) -> AsyncIterator[KnownThen]:
        """Yield what the quick look knew of a burst after each update, oldest first."""
        path = f"{API}/bursts/{path_part(burst_id)}/vhf/history"
        async for page in self.pages(VhfHistory, path, Numbered()):
            for row in page.rows:
                yield row

    async def vhf_light_curves(
        self,
        burst_id: str,
        *,
        packets: int | None = None,
        instrument: str = "",
        detectors: Iterable[str] = (),
        separate: bool = False,
        bands_kev: Iterable[Interval] = (),
        window_s: Interval | None = None,
        bin_s: float | None = None,
        points: int = 2000,
    ) -> LightCurves:
        """Return light curves of the packets of a burst; the arguments are as in `light_curves`.

        Parameters
        ----------
        burst_id
            The burst.
        packets
            Show what was known after so many packets, by arrival; None: after all.
        """
        query = _curve_query(instrument, detectors, separate, bands_kev, window_s, bin_s, points)
        return await self._of_packets(
            LightCurves, burst_id, PictureKind.LIGHT_CURVES, packets, query
        )

    async def vhf_durations(
        self, burst_id: str, *, packets: int | None = None
    ) -> MeasuredDurations:
        """Return the durations of the quick look with their blocks, after so many packets."""
        return await self._of_packets(MeasuredDurations, burst_id, PictureKind.DURATIONS, packets)

    async def vhf_spectra(self, burst_id: str, *, packets: int | None = None) -> Spectra:
        """Return the coarse spectrum of the quick look, after so many packets."""
        return await self._of_packets(Spectra, burst_id, PictureKind.SPECTRA, packets)

    async def thumbnail(self, burst_id: str) -> Thumbnail:
        """Return the light curve around a burst in 60 bins."""
        path = f"{API}/bursts/{path_part(burst_id)}/thumbnail"
        return await self.connection.ask(Thumbnail, "GET", path, query=(("format", "json"),))

    async def _of_task(
        self, kind: type[T], task_id: str, what: PictureKind, query: Iterable[tuple[str, str]] = ()
    ) -> T:
        return await self._picture(kind, f"{API}/task/{path_part(task_id)}/{what}", query)

    async def _of_packets(
        self,
        kind: type[T],
        burst_id: str,
        what: PictureKind,
        packets: int | None,
        query: Iterable[tuple[str, str]] = (),
    ) -> T:
        after = () if packets is None else (("packets", str(packets)),)
        path = f"{API}/bursts/{path_part(burst_id)}/vhf/{what}"
        return await self._picture(kind, path, (*query, *after))

    async def _picture(self, kind: type[T], path: str, query: Iterable[tuple[str, str]]) -> T:
        asked = (*query, ("format", "msgpack"))
        payload = await self.connection.read("GET", path, query=asked)
        try:
            return msgspec.convert(_with_numbers(msgspec.msgpack.decode(payload)), kind)
        except (msgspec.MsgspecError, ValueError) as error:
            raise UnavailableError(f"{path}: unexpected answer: {error}") from error


def _curve_query(
    instrument: str,
    detectors: Iterable[str],
    separate: bool,
    bands_kev: Iterable[Interval],
    window_s: Interval | None,
    bin_s: float | None,
    points: int,
) -> list[tuple[str, str]]:
    """Return which light curves to make, as a query."""
    query = [("points", str(points)), ("separate", str(separate).lower())]
    query += [("instrument", instrument)] if instrument else []
    query += [("detector", name) for name in detectors]
    query += [("band_kev", f"{low:g}-{high:g}") for low, high in bands_kev]
    if window_s is not None:
        query += [("start_s", repr(window_s[0])), ("stop_s", repr(window_s[1]))]
    query += [] if bin_s is None else [("bin_s", repr(bin_s))]
    return query


def _with_numbers(node: Any) -> Any:
    """Return a decoded document, in which a byte string is a list of numbers."""
    if isinstance(node, bytes):
        numbers = array.array("d", node)
        if sys.byteorder == "big":
            numbers.byteswap()
        return numbers.tolist()
    if isinstance(node, dict):
        return {key: _with_numbers(each) for key, each in node.items()}
    if isinstance(node, list):
        return [_with_numbers(each) for each in node]
    return node
