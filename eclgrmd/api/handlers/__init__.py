"""The handlers of requests, a module for each thing that the interface is about."""
