"""Measurements of how fast eclgrmd is, beside other codes in the same run."""
