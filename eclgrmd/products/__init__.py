"""From what an analysis found to bytes: result.json, summary, figures, OGIP FITS.

`make.make_products` is the door. Nothing is imported here, so that the words and values of products
can be had without numerics.
"""
