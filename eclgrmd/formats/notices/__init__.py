"""Notices (VOEvent) and the values in them."""
