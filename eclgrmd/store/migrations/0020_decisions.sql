-- What people decided about bursts: who takes one, and which run is its result of record. The columns
-- of the burst have what is valid now; the table has the history.

CREATE TABLE IF NOT EXISTS decision (
    decision_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    burst_id VARCHAR(100) NOT NULL,
    kind VARCHAR(20) NOT NULL,
    task_id VARCHAR(100) NULL,
    who VARCHAR(200) NOT NULL,
    reason TEXT NOT NULL,
    at DATETIME(6) NOT NULL,
    KEY of_burst (burst_id, decision_id),
    FOREIGN KEY (burst_id) REFERENCES burst (burst_id)
);
ALTER TABLE burst
    ADD COLUMN claimed_by VARCHAR(200) NULL,
    ADD COLUMN claimed_at DATETIME(6) NULL,
    ADD COLUMN claim_note TEXT NULL,
    ADD COLUMN record_task VARCHAR(100) NULL,
    ADD COLUMN record_by VARCHAR(200) NULL,
    ADD COLUMN record_at DATETIME(6) NULL,
    ADD COLUMN record_reason TEXT NULL;
