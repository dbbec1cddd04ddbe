"""Calls for the data of pictures."""

import array
import sys
from collections.abc import Iterable
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
        query = [("points", str(points)), ("separate", str(separate).lower())]
        query += [("instrument", instrument)] if instrument else []
        query += [("detector", name) for name in detectors]
        query += [("band_kev", f"{low:g}-{high:g}") for low, high in bands_kev]
        if window_s is not None:
            query += [("start_s", repr(window_s[0])), ("stop_s", repr(window_s[1]))]
        query += [] if bin_s is None else [("bin_s", repr(bin_s))]
        return await self._picture(LightCurves, task_id, PictureKind.LIGHT_CURVES, query)

    async def durations(self, task_id: str) -> MeasuredDurations:
        """Return the durations of a task, with their blocks, and what light curves can be made."""
        return await self._picture(MeasuredDurations, task_id, PictureKind.DURATIONS)

    async def spectra(self, task_id: str, interval: int = 0) -> Spectra:
        """Return the spectra of an interval of a task; 0 is the reference."""
        query = [("interval", str(interval))]
        return await self._picture(Spectra, task_id, PictureKind.SPECTRA, query)

    async def evolution(self, task_id: str) -> Evolution:
        """Return the spectral evolution of a task."""
        return await self._picture(Evolution, task_id, PictureKind.EVOLUTION)

    async def _picture(
        self, kind: type[T], task_id: str, what: PictureKind, query: Iterable[tuple[str, str]] = ()
    ) -> T:
        path = f"{API}/task/{path_part(task_id)}/{what}"
        asked = (*query, ("format", "msgpack"))
        payload = await self.connection.read("GET", path, query=asked)
        try:
            return msgspec.convert(_with_numbers(msgspec.msgpack.decode(payload)), kind)
        except (msgspec.MsgspecError, ValueError) as error:
            raise UnavailableError(f"{path}: unexpected answer: {error}") from error


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
