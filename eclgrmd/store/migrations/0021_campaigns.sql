-- Campaigns: what was asked for, and the ledger of their chunks. The number of a run is the fence: only
-- the newest run of a campaign may send chunks and count results, and only for its last submission.

CREATE TABLE IF NOT EXISTS campaign (
    campaign_id VARCHAR(100) NOT NULL PRIMARY KEY,
    state VARCHAR(10) NOT NULL,
    run INT UNSIGNED NOT NULL DEFAULT 0,
    created_at DATETIME(6) NOT NULL,
    ended_at DATETIME(6) NULL,
    content LONGTEXT NOT NULL,
    KEY newest (created_at)
);

CREATE TABLE IF NOT EXISTS campaign_chunk (
    campaign_id VARCHAR(100) NOT NULL,
    number INT UNSIGNED NOT NULL,
    configuration SMALLINT UNSIGNED NOT NULL,
    chunk_key CHAR(64) NOT NULL,
    items INT UNSIGNED NOT NULL,
    content LONGTEXT NOT NULL,
    state VARCHAR(10) NOT NULL,
    run INT UNSIGNED NOT NULL DEFAULT 0,
    attempts INT UNSIGNED NOT NULL DEFAULT 0,
    measured INT UNSIGNED NOT NULL DEFAULT 0,
    failed INT UNSIGNED NOT NULL DEFAULT 0,
    reused TINYINT NOT NULL DEFAULT 0,
    cpu_s DOUBLE NOT NULL DEFAULT 0,
    worker VARCHAR(255) NOT NULL DEFAULT '',
    part_sha256 CHAR(64) NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    ended_at DATETIME(6) NULL,
    PRIMARY KEY (campaign_id, number),
    KEY turn (campaign_id, state, number),
    KEY computed (chunk_key, state)
);

CREATE TABLE IF NOT EXISTS campaign_failure (
    campaign_id VARCHAR(100) NOT NULL,
    number INT UNSIGNED NOT NULL,
    item INT UNSIGNED NOT NULL,
    burst_id VARCHAR(100) NOT NULL,
    kind VARCHAR(10) NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (campaign_id, number, item),
    KEY of_kind (campaign_id, kind)
);
