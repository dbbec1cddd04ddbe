"""Writes a simulated burst as the files of the mission."""
