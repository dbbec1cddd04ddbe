"""What others send becomes rows: decode, store, then acknowledge; never the other way round."""
