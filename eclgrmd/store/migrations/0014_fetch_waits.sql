-- How long a file to fetch has waited for our own troubles, as a full disk: there is a limit.
ALTER TABLE transfer ADD COLUMN waited_s DOUBLE NOT NULL DEFAULT 0;
CREATE INDEX held ON transfer (state, waited_s);
