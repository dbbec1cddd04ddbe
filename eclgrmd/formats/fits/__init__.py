"""FITS files: unpacked and opened with limits, recognised, their headers, units, times."""
