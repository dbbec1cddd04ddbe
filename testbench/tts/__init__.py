"""The TTS: plays the mission around eclgrmd.

It serves data files like a mission database (`catalogue`, `service`), sends data notifications and
tasks by NATS or REST (`clients`), listens to `activity.eclgrm` (`watch`) and fetches every product
by its announced link (`collect`). A test sequence (`sequence`, `player`) does all of that in order;
it is launched by HTTP or from the command line. A "door" is the interface of the daemon to which
something is sent: NATS or REST.
"""
