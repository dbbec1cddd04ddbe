"""FITS and OGIP files to and from the values of the model."""
