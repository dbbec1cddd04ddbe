"""Gamma-ray burst prompt-emission analysis service for SVOM's ECLAIRs and GRM."""

__all__ = ["__version__"]

__version__ = "0.1.0"
