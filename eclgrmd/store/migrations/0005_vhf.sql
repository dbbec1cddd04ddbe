-- Notices and packets of the alert network, and the results of the quick look.

CREATE TABLE IF NOT EXISTS notice (
    notice_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    burst_id VARCHAR(100) NOT NULL,
    digest CHAR(64) NOT NULL UNIQUE,
    ivorn VARCHAR(300) NOT NULL,
    notice LONGTEXT NOT NULL,
    payload LONGTEXT NOT NULL,
    received_at DATETIME(6) NOT NULL,
    KEY of_burst (burst_id),
    FOREIGN KEY (burst_id) REFERENCES burst (burst_id)
);

CREATE TABLE IF NOT EXISTS packet (
    packet_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    burst_id VARCHAR(100) NOT NULL,
    digest CHAR(64) NOT NULL,
    kind VARCHAR(20) NOT NULL,
    instrument VARCHAR(20) NOT NULL,
    number INT UNSIGNED NOT NULL,
    time_s DOUBLE NOT NULL,
    body MEDIUMBLOB NOT NULL,
    received_at DATETIME(6) NOT NULL,
    UNIQUE KEY once (burst_id, digest),
    KEY of_burst (burst_id, packet_id),
    FOREIGN KEY (burst_id) REFERENCES burst (burst_id)
);

-- One row per burst of the alert network. A burst is due if packets or notices came since its last
-- analysis, or if it is receiving and has been silent for too long.
CREATE TABLE IF NOT EXISTS vhf (
    burst_id VARCHAR(100) NOT NULL PRIMARY KEY,
    state VARCHAR(12) NOT NULL,
    reason TEXT NOT NULL,
    t0_met_s DOUBLE NULL,
    notices LONGTEXT NULL,
    changes INT UNSIGNED NOT NULL DEFAULT 0,
    last_packet BIGINT UNSIGNED NOT NULL DEFAULT 0,
    told INT UNSIGNED NOT NULL DEFAULT 0,
    analysed_packet BIGINT UNSIGNED NOT NULL DEFAULT 0,
    analysed_told INT UNSIGNED NOT NULL DEFAULT 0,
    version INT UNSIGNED NOT NULL DEFAULT 0,
    newest LONGTEXT NULL,
    announced INT UNSIGNED NOT NULL DEFAULT 0,
    announced_update LONGTEXT NULL,
    produced INT UNSIGNED NOT NULL DEFAULT 0,
    proc_ver INT UNSIGNED NOT NULL DEFAULT 0,
    produce_at DATETIME(6) NULL,
    silent_at DATETIME(6) NOT NULL,
    changed_at DATETIME(6) NOT NULL,
    KEY silent (state, silent_at),
    KEY produce (produce_at),
    FOREIGN KEY (burst_id) REFERENCES burst (burst_id)
);

CREATE TABLE IF NOT EXISTS vhf_update (
    burst_id VARCHAR(100) NOT NULL,
    version INT UNSIGNED NOT NULL,
    why VARCHAR(200) NOT NULL,
    body LONGTEXT NOT NULL,
    at DATETIME(6) NOT NULL,
    PRIMARY KEY (burst_id, version),
    FOREIGN KEY (burst_id) REFERENCES vhf (burst_id)
);

CREATE TABLE IF NOT EXISTS vhf_product (
    burst_id VARCHAR(100) NOT NULL,
    proc_ver INT UNSIGNED NOT NULL,
    name VARCHAR(200) NOT NULL,
    version INT UNSIGNED NOT NULL,
    kind VARCHAR(20) NOT NULL,
    media_type VARCHAR(100) NOT NULL,
    size BIGINT UNSIGNED NOT NULL,
    sha256 CHAR(64) NOT NULL,
    path VARCHAR(1000) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    PRIMARY KEY (burst_id, proc_ver, name),
    FOREIGN KEY (burst_id) REFERENCES vhf (burst_id)
);

CREATE TABLE IF NOT EXISTS vhf_comparison (
    burst_id VARCHAR(100) NOT NULL,
    task_id VARCHAR(100) NOT NULL,
    body LONGTEXT NOT NULL,
    at DATETIME(6) NOT NULL,
    PRIMARY KEY (burst_id, task_id),
    FOREIGN KEY (burst_id) REFERENCES vhf (burst_id)
);
