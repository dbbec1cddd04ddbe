"""The REST interface: handlers that parse a request, call the stages or the store, and respond."""
