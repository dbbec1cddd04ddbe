"""Data for pictures: results as columns of numbers, for pages and other programs that draw."""
