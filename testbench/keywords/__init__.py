"""Valid FITS files with all combinations of keywords, which must read like the plain file."""
