-- Automatic analyses, versions of results, and queries to the mission database.

ALTER TABLE burst
    ADD COLUMN trigger_utc VARCHAR(40) NULL,
    ADD COLUMN expected VARCHAR(200) NOT NULL DEFAULT '',
    ADD COLUMN plan_at DATETIME(6) NULL,
    ADD COLUMN ask_at DATETIME(6) NULL,
    ADD COLUMN asked INT UNSIGNED NOT NULL DEFAULT 0,
    ADD COLUMN ask_reason VARCHAR(1000) NOT NULL DEFAULT '';
CREATE INDEX plan ON burst (plan_at);
CREATE INDEX ask ON burst (ask_at);

ALTER TABLE task
    ADD COLUMN series VARCHAR(40) NOT NULL DEFAULT '',
    ADD COLUMN proc_ver INT UNSIGNED NOT NULL DEFAULT 1,
    ADD COLUMN incomplete VARCHAR(500) NOT NULL DEFAULT '',
    ADD COLUMN superseded_by VARCHAR(100) NULL;
CREATE INDEX series ON task (burst_id, series);

ALTER TABLE outbox ADD COLUMN detail LONGTEXT NULL;
