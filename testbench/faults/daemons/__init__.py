"""Variants of `eclgrmd serve` that crash, hang or watch themselves, each with its worker code."""
