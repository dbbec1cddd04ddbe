"""When a burst began, ended and how it varied: blocks, background, durations."""
