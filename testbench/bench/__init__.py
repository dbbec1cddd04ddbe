"""Benchmarks of eclgrmd, some of them with other codes in the same run."""
