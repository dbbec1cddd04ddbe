-- Studies of tasks: what was asked for, and how far it has come. The number of a run is the fence: only the
-- newest one reports progress and ends.

CREATE TABLE IF NOT EXISTS study (
    task_id VARCHAR(100) NOT NULL,
    kind VARCHAR(10) NOT NULL,
    state VARCHAR(10) NOT NULL,
    number INT UNSIGNED NOT NULL,
    seed INT UNSIGNED NOT NULL,
    run INT UNSIGNED NOT NULL DEFAULT 0,
    faults INT UNSIGNED NOT NULL DEFAULT 0,
    progress DOUBLE NOT NULL DEFAULT 0,
    owner VARCHAR(100) NULL,
    renewals INT UNSIGNED NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    asked_at DATETIME(6) NOT NULL,
    ended_at DATETIME(6) NULL,
    PRIMARY KEY (task_id, kind),
    KEY turn (state, asked_at)
);
