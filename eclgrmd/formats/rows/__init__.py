"""What rows, bins and channels are worth: counts, frames, gaps, repeats, numbers."""
