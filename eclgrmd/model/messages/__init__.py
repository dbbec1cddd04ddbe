"""Messages that come in, and the facts and forms of those that go out."""
