-- How long a download has waited because of faults of this machine, for example a full disk; the
-- wait is limited.
ALTER TABLE transfer ADD COLUMN waited_s DOUBLE NOT NULL DEFAULT 0;
CREATE INDEX held ON transfer (state, waited_s);
