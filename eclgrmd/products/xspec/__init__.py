"""The results of spectral fits in the terms of XSPEC."""
