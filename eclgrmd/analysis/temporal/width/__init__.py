"""T90 and T50 of a burst that was found, with their errors."""
