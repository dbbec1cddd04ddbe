"""`eclgrmd serve` for packets that are poison to their workers; only the testbench starts it."""

import sys
from typing import Any, cast

import eclgrmd.quicklook.products
import eclgrmd.quicklook.runner
from eclgrmd.cli import main

from .packet_poison_quicklook import analyse_packets, make_products

__all__: list[str] = []

_LIMIT_S = 4.0

if __name__ == "__main__":
    cast(Any, eclgrmd.quicklook.runner).follow_burst = analyse_packets
    cast(Any, eclgrmd.quicklook.products).make_vhf_products = make_products
    cast(Any, eclgrmd.quicklook.runner)._LIMIT_S = _LIMIT_S  # noqa: SLF001 - a minute is too long here
    sys.exit(main())
