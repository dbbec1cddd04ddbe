"""`eclgrmd serve` whose workers crash or hang on certain packets; only the testbench starts it."""

import sys

import eclgrmd.quicklook.products
import eclgrmd.quicklook.runner
from eclgrmd.cli import main

from .packet_poison_quicklook import analyse_packets, make_products
from .replacing import replace

__all__: list[str] = []

_LIMIT_S = 4.0
"""Limit of one analysis, instead of a minute, so that tests need not wait."""

if __name__ == "__main__":
    replace(eclgrmd.quicklook.runner, analyse_packets=analyse_packets, _LIMIT_S=_LIMIT_S)
    replace(eclgrmd.quicklook.products, make_products=make_products)
    sys.exit(main())
