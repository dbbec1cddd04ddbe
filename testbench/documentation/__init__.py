"""The documentation: pages of `packaging/docs`, generated references and pictures, built by Sphinx.

`build` copies the pages into a folder of its own, adds what is generated from the sources
(`reference`, `pictures`), runs the code of the pages and puts their output below it (`running`),
makes notebooks of tutorials (`notebooks`), and calls Sphinx. Nothing is loaded from the network.
"""
