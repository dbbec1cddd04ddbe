"""Cost of an analysis against detectors, events and length of the data."""
