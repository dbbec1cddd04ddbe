"""Writes a simulated burst as mission files."""
