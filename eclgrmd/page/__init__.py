"""The web page: files for a browser (`static`), which use the public REST interface alone."""
