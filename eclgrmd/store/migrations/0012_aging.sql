-- By which time files age, and what the clock showed then: a clock that jumps makes none older.

CREATE TABLE IF NOT EXISTS aging (
    one TINYINT NOT NULL PRIMARY KEY,
    aged_until DATETIME(6) NOT NULL,
    clock_showed DATETIME(6) NOT NULL
);
