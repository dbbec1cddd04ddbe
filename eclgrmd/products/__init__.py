"""Results to bytes: JSON, FITS, figures and text."""
