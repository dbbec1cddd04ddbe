"""The bodies of REST: what requests contain and what responses say."""

__all__ = ["API"]

API = "/api/v1"
"""Path with which every route begins that is not for machines (health, metrics)."""
