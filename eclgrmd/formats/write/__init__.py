"""Values of the model written as FITS and OGIP files."""
