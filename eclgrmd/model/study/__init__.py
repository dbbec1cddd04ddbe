"""Studies of a burst: the coverage of its stated intervals, and the spread of choices."""
