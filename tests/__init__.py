"""A package, so that tests find what they share wherever they are started from."""
