"""Assembly of an observation from files: recognition, pairing, joining and checks."""
