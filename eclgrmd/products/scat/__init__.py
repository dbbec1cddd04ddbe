"""Fits with their covariance, in the form of the SCat files of Fermi-GBM."""

from .tables import scat_tables

__all__ = ["scat_tables"]
