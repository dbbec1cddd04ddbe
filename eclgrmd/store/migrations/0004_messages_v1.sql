-- For every received file the notifications that announced it are looked up.

CREATE INDEX of_burst ON transfer (burst_id, name);
