"""`eclgrmd serve` for packets that are poison to their workers; only the testbench starts it."""

import sys
from typing import Any, cast

import eclgrmd.tasks.vhf
import eclgrmd.tasks.vhf_products
from eclgrmd.cli import main

from .packet_poison_jobs import follow_burst, make_vhf_products

__all__: list[str] = []

_LIMIT_S = 4.0

if __name__ == "__main__":
    cast(Any, eclgrmd.tasks.vhf).follow_burst = follow_burst
    cast(Any, eclgrmd.tasks.vhf_products).make_vhf_products = make_vhf_products
    cast(Any, eclgrmd.tasks.vhf)._LIMIT_S = _LIMIT_S  # noqa: SLF001 - a minute is too long here
    sys.exit(main())
