"""The quick look as a stage of the daemon: stored packets become updates, updates become products.

Packets and notices are stored by `eclgrmd.ingest.packets`; workers compute with
`eclgrmd.pipeline.quicklook`.
"""
