"""Variants of `eclgrmd serve` that crash, hang or watch themselves, with their worker code."""
