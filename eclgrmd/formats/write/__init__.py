"""Writing of values of the model as FITS and OGIP files."""
