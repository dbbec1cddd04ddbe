"""Valid FITS files with every combination of keywords, which must read as the plain file does."""
