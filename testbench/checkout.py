"""Folders of the checkout, and of the real data and cases that some machines have beside it."""

from pathlib import Path

__all__ = ["CHECKOUT", "SHARED_CASES", "SHARED_DATA"]

CHECKOUT = Path(__file__).resolve().parents[1]
"""Top folder of the checkout."""
SHARED_DATA = CHECKOUT.parent / "shared" / "data"
"""Real bursts and published values. May be absent."""
SHARED_CASES = CHECKOUT.parent / "shared" / "cases"
"""Small inputs with known answers. May be absent."""
