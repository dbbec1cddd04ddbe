-- The time by which the age of files is judged, and the clock reading that it belongs to: a clock
-- that jumps ahead makes no file older.

CREATE TABLE IF NOT EXISTS aging (
    one TINYINT NOT NULL PRIMARY KEY,
    aged_until DATETIME(6) NOT NULL,
    clock_showed DATETIME(6) NOT NULL
);
