"""Quick looks that crash or hang on packets of certain numbers, or are slow by burst id."""

import os
import signal
import time
from typing import Any, cast

from eclgrmd.analysis.quicklook.burst import GrowingBurst
from eclgrmd.model.pipeline import ProductFile
from eclgrmd.model.quicklook.packet import Packet
from eclgrmd.model.quicklook.updates import (
    QuickLookAnswer,
    QuickLookProductsRequest,
    QuickLookRequest,
)
from eclgrmd.pipeline.quicklook.analyse import analyse
from eclgrmd.pipeline.quicklook.products import deposit_products

__all__ = ["CRASHES", "HANGS", "KILLED", "SLOW", "SLOW_S", "analyse_packets", "make_products"]

CRASHES, KILLED, HANGS = 101, 102, 103
"""Numbers of such packets. Those of a real sequence are below 10."""
SLOW = "slow"
"""Prefix of burst ids whose updates take `SLOW_S` each."""
SLOW_S = 2.5
"""Duration of an update of a slow burst, seconds."""

_add = GrowingBurst.add


def analyse_packets(request: QuickLookRequest) -> QuickLookAnswer:
    """Take a quick look; crash or hang at a poisonous packet."""
    cast(Any, GrowingBurst).add = _poisonous
    if request.burst_id.startswith(SLOW):
        time.sleep(SLOW_S)
    return analyse(request)


def make_products(request: QuickLookProductsRequest) -> tuple[ProductFile, ...]:
    """Make the products; crash or hang at a poisonous packet."""
    cast(Any, GrowingBurst).add = _poisonous
    return deposit_products(request)


def _poisonous(stream: GrowingBurst, packet: Packet) -> bool:
    if packet.number == CRASHES:
        os.kill(os.getpid(), signal.SIGSEGV)
    if packet.number == KILLED:
        os.kill(os.getpid(), signal.SIGKILL)
    if packet.number == HANGS:
        time.sleep(3600)
    return _add(stream, packet)
