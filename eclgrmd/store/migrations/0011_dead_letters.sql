-- An announcement that NATS does not take is published again later, without delaying others; one
-- that NATS never takes becomes a dead letter. And one row for each daemon, for the health check.

ALTER TABLE outbox
    ADD COLUMN chain VARCHAR(200) NOT NULL DEFAULT '',
    ADD COLUMN failures INT UNSIGNED NOT NULL DEFAULT 0,
    ADD COLUMN due_at DATETIME(6) NULL,
    ADD COLUMN told VARCHAR(20) NOT NULL DEFAULT '';
CREATE INDEX fresh ON outbox (published_at, failures, outbox_id);
DROP INDEX unpublished ON outbox;

CREATE TABLE IF NOT EXISTS dead_letter (
    dead_letter_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    message_id VARCHAR(200) NOT NULL UNIQUE,
    activity LONGTEXT NOT NULL,
    note TEXT NOT NULL,
    detail LONGTEXT NULL,
    reason TEXT NOT NULL,
    created_at DATETIME(6) NOT NULL,
    buried_at DATETIME(6) NOT NULL,
    KEY age (buried_at)
);

CREATE TABLE IF NOT EXISTS probe (
    owner VARCHAR(100) NOT NULL PRIMARY KEY,
    beats BIGINT UNSIGNED NOT NULL,
    at DATETIME(6) NOT NULL
);
