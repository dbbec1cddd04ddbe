"""`/bursts/{id}/vhf/history` and others: what the quick look knew, and data for its pictures."""

import msgspec
from aiohttp import web
from msgspec import UNSET

from eclgrmd.api.handlers.task.pictures import drawn, picture_answers
from eclgrmd.api.requests import answer, next_page, unknown
from eclgrmd.api.routing.conditional import tag_of
from eclgrmd.api.routing.table import Routes
from eclgrmd.api.services import SERVICES, Services
from eclgrmd.api.worker_functions import quick_picture
from eclgrmd.model.access import Role
from eclgrmd.model.names import is_identifier
from eclgrmd.model.quicklook.replays import PacketReplay
from eclgrmd.model.rest.pictures import (
    LightCurves,
    MeasuredDurations,
    PictureKind,
    Spectra,
)
from eclgrmd.model.rest.queries import Numbered
from eclgrmd.model.rest.replays import QuickCurveQuery, QuickPictureQuery, VhfHistory
from eclgrmd.store.quicklook.replays import known_history, packets_kept, replay_of

__all__ = ["replay_for", "routes"]

routes = Routes(__name__)
_TIME_LIMIT_S = 60.0
"""Time that a picture may take; all packets of the longest burst are measured in seconds."""


@routes.at(
    "GET /bursts/{burst_id}/vhf/history", {200: VhfHistory}, needs=Role.READER, query=Numbered
)
async def history(request: web.Request, query: Numbered) -> web.Response:
    """Return what was known of a burst after each update of the quick look, oldest first."""
    burst_id = request.match_info["burst_id"]
    async with request.app[SERVICES].database.reading() as transaction:
        kept = await packets_kept(transaction, burst_id)
        rows = await known_history(transaction, burst_id, after=query.after, limit=query.limit)
    if kept is None:
        raise _nothing_came(burst_id)
    following = next_page(request, rows[-1].version) if len(rows) == query.limit else None
    return answer(VhfHistory(burst_id=burst_id, packets=kept, rows=rows, next=following))


@routes.at(
    "GET /bursts/{burst_id}/vhf/light-curves",
    picture_answers(LightCurves),
    needs=Role.READER,
    query=QuickCurveQuery,
    errors=(409, 410),
)
async def light_curves(request: web.Request, query: QuickCurveQuery) -> web.Response:
    """Return light curves of the packets of a burst, after any of them."""
    return await _picture(request, PictureKind.LIGHT_CURVES, query)


@routes.at(
    "GET /bursts/{burst_id}/vhf/durations",
    picture_answers(MeasuredDurations),
    needs=Role.READER,
    query=QuickPictureQuery,
    errors=(409, 410),
)
async def durations(request: web.Request, query: QuickPictureQuery) -> web.Response:
    """Return the durations of the quick look with their blocks, after any packet."""
    return await _picture(request, PictureKind.DURATIONS, query)


@routes.at(
    "GET /bursts/{burst_id}/vhf/spectra",
    picture_answers(Spectra),
    needs=Role.READER,
    query=QuickPictureQuery,
    errors=(409, 410),
)
async def spectra(request: web.Request, query: QuickPictureQuery) -> web.Response:
    """Return the coarse spectrum of the quick look with its folded model, after any packet."""
    return await _picture(request, PictureKind.SPECTRA, query)


async def _picture(
    request: web.Request, kind: PictureKind, query: QuickPictureQuery | QuickCurveQuery
) -> web.Response:
    packets = None if query.packets is UNSET else query.packets
    replay = await replay_for(request.app[SERVICES], request.match_info["burst_id"], packets)
    content = tag_of(msgspec.msgpack.encode(replay))
    return await drawn(request, kind, query, quick_picture, replay, content, _TIME_LIMIT_S)


async def replay_for(services: Services, burst_id: str, packets: int | None) -> PacketReplay:
    """Return the first packets of a burst with what was known then; 404 or 410 if there are none.

    Parameters
    ----------
    packets
        Number of packets; None: those of the newest update.
    """
    async with services.database.reading() as transaction:
        kept = await packets_kept(transaction, burst_id)
        found = None if kept is None else await replay_of(transaction, burst_id, packets)
    if kept is None:
        raise _nothing_came(burst_id)
    if kept == 0:
        raise web.HTTPGone(text=f"the packets of burst {burst_id!r} were cleaned")
    if found is None:
        after = "so far" if packets is None else f"after {packets} packets"
        raise web.HTTPNotFound(text=f"nothing was measured of burst {burst_id!r} {after}")
    return PacketReplay(
        update=found.update,
        packets=found.packets,
        calibration_dir=services.settings.now.vhf.calibration_dir,
    )


def _nothing_came(burst_id: str) -> Exception:
    if not is_identifier(burst_id):
        return unknown("burst", burst_id)
    return web.HTTPNotFound(text=f"nothing came by VHF of burst {burst_id!r}")
