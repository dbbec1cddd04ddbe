"""Checks of rows, bins and channels: counts, readout frames, gaps, repetitions and numbering."""
