"""Background models of light curves: fitted, read from a file, or a first estimate."""
