-- Packets whose analysis ends its worker process are set aside for good. They are found by trials;
-- the state of that search survives a restart.

CREATE TABLE IF NOT EXISTS packet_aside (
    packet_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    burst_id VARCHAR(100) NOT NULL,
    kind VARCHAR(20) NOT NULL,
    instrument VARCHAR(20) NOT NULL,
    number INT UNSIGNED NOT NULL,
    cause VARCHAR(20) NOT NULL,
    reason VARCHAR(500) NOT NULL,
    at DATETIME(6) NOT NULL,
    KEY of_burst (burst_id, packet_id),
    FOREIGN KEY (burst_id) REFERENCES vhf (burst_id)
);

CREATE TABLE IF NOT EXISTS vhf_doubt (
    burst_id VARCHAR(100) NOT NULL PRIMARY KEY,
    good BIGINT UNSIGNED NOT NULL,
    bad BIGINT UNSIGNED NOT NULL,
    failures INT UNSIGNED NOT NULL,
    at DATETIME(6) NOT NULL,
    FOREIGN KEY (burst_id) REFERENCES vhf (burst_id)
);
