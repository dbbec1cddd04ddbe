"""REST: handlers that parse, call and answer."""
