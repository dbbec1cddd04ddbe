-- Answers to requests with an idempotency key. A row without a status is a request in flight.

CREATE TABLE IF NOT EXISTS kept_answer (
    answer_key CHAR(64) NOT NULL PRIMARY KEY,
    claim CHAR(32) NOT NULL,
    owner VARCHAR(100) NOT NULL,
    claimed_at DATETIME(6) NOT NULL,
    at DATETIME(6) NOT NULL,
    request_size BIGINT UNSIGNED NOT NULL DEFAULT 0,
    request_sha256 CHAR(64) NOT NULL DEFAULT '',
    status SMALLINT UNSIGNED NULL,
    headers TEXT NOT NULL DEFAULT '{}',
    body LONGTEXT NOT NULL DEFAULT '',
    KEY age (at)
);
