"""The web page in a real browser: a site to look at, and walks through it."""
