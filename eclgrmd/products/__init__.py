"""Products of an analysis as bytes: result.json, summary, figures and OGIP FITS files.

The entry point is `make.make_products`. This module imports nothing, so that the texts and values
of products can be used without loading the numerics.
"""
