"""The background in time: fitted, given, or a first guess of it."""
