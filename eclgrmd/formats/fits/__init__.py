"""Access to FITS files: unpacking, opening with limits, recognition, headers, units and times."""
