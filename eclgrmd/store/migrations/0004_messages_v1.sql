-- Which notifications told of a file is asked for each file that comes.

CREATE INDEX of_burst ON transfer (burst_id, name);
