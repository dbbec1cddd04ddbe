-- Bursts, their data, tasks, products and announcements. All times are UTC.

CREATE TABLE IF NOT EXISTS burst (
    burst_id VARCHAR(100) NOT NULL PRIMARY KEY,
    t0_utc VARCHAR(40) NULL,
    t0_met_s DOUBLE NULL,
    created_at DATETIME(6) NOT NULL
);

CREATE TABLE IF NOT EXISTS notification (
    notification_id VARCHAR(100) NOT NULL PRIMARY KEY,
    burst_id VARCHAR(100) NOT NULL,
    payload LONGTEXT NOT NULL,
    received_at DATETIME(6) NOT NULL,
    FOREIGN KEY (burst_id) REFERENCES burst (burst_id)
);

CREATE TABLE IF NOT EXISTS transfer (
    transfer_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    notification_id VARCHAR(100) NOT NULL,
    burst_id VARCHAR(100) NOT NULL,
    name VARCHAR(200) NOT NULL,
    url VARCHAR(2000) NOT NULL,
    size BIGINT UNSIGNED NOT NULL,
    sha256 CHAR(64) NOT NULL,
    state VARCHAR(10) NOT NULL,
    attempts INT UNSIGNED NOT NULL DEFAULT 0,
    reason TEXT NOT NULL,
    owner VARCHAR(100) NULL,
    due_at DATETIME(6) NOT NULL,
    UNIQUE KEY once (notification_id, name, sha256),
    KEY due (state, due_at),
    FOREIGN KEY (notification_id) REFERENCES notification (notification_id)
);

CREATE TABLE IF NOT EXISTS data_file (
    data_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    burst_id VARCHAR(100) NOT NULL,
    name VARCHAR(200) NOT NULL,
    sha256 CHAR(64) NOT NULL,
    size BIGINT UNSIGNED NOT NULL,
    path VARCHAR(1000) NOT NULL,
    state VARCHAR(10) NOT NULL,
    reason TEXT NOT NULL,
    kind VARCHAR(20) NULL,
    instrument VARCHAR(20) NULL,
    description LONGTEXT NULL,
    received_at DATETIME(6) NOT NULL,
    UNIQUE KEY once (burst_id, name, sha256),
    FOREIGN KEY (burst_id) REFERENCES burst (burst_id)
);

CREATE TABLE IF NOT EXISTS task (
    task_id VARCHAR(100) NOT NULL PRIMARY KEY,
    burst_id VARCHAR(100) NOT NULL,
    analysis VARCHAR(20) NOT NULL,
    state VARCHAR(10) NOT NULL,
    reason TEXT NOT NULL,
    priority INT NOT NULL,
    request LONGTEXT NOT NULL,
    attempts INT UNSIGNED NOT NULL DEFAULT 0,
    faults INT UNSIGNED NOT NULL DEFAULT 0,
    changes INT UNSIGNED NOT NULL DEFAULT 0,
    owner VARCHAR(100) NULL,
    lease_until DATETIME(6) NULL,
    due_at DATETIME(6) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    started_at DATETIME(6) NULL,
    finished_at DATETIME(6) NULL,
    summary LONGTEXT NULL,
    KEY claim (state, priority, created_at),
    KEY of_burst (burst_id, state),
    FOREIGN KEY (burst_id) REFERENCES burst (burst_id)
);

CREATE TABLE IF NOT EXISTS task_input (
    task_id VARCHAR(100) NOT NULL,
    position INT UNSIGNED NOT NULL,
    name VARCHAR(200) NOT NULL,
    sha256 CHAR(64) NULL,
    PRIMARY KEY (task_id, position),
    FOREIGN KEY (task_id) REFERENCES task (task_id)
);

CREATE TABLE IF NOT EXISTS task_change (
    task_id VARCHAR(100) NOT NULL,
    number INT UNSIGNED NOT NULL,
    state VARCHAR(10) NOT NULL,
    reason TEXT NOT NULL,
    at DATETIME(6) NOT NULL,
    PRIMARY KEY (task_id, number),
    FOREIGN KEY (task_id) REFERENCES task (task_id)
);

CREATE TABLE IF NOT EXISTS task_log (
    task_id VARCHAR(100) NOT NULL,
    attempt INT UNSIGNED NOT NULL,
    number INT UNSIGNED NOT NULL,
    line LONGTEXT NOT NULL,
    PRIMARY KEY (task_id, attempt, number),
    FOREIGN KEY (task_id) REFERENCES task (task_id)
);

CREATE TABLE IF NOT EXISTS product (
    task_id VARCHAR(100) NOT NULL,
    name VARCHAR(200) NOT NULL,
    burst_id VARCHAR(100) NOT NULL,
    kind VARCHAR(20) NOT NULL,
    media_type VARCHAR(100) NOT NULL,
    size BIGINT UNSIGNED NOT NULL,
    sha256 CHAR(64) NOT NULL,
    path VARCHAR(1000) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    PRIMARY KEY (task_id, name),
    KEY of_burst (burst_id),
    FOREIGN KEY (task_id) REFERENCES task (task_id)
);

CREATE TABLE IF NOT EXISTS outbox (
    outbox_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    message_id VARCHAR(200) NOT NULL UNIQUE,
    activity LONGTEXT NOT NULL,
    note TEXT NOT NULL,
    created_at DATETIME(6) NOT NULL,
    published_at DATETIME(6) NULL,
    KEY unpublished (published_at, outbox_id)
);

CREATE TABLE IF NOT EXISTS fault (
    fault_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    subject VARCHAR(200) NOT NULL,
    reason TEXT NOT NULL,
    received MEDIUMBLOB NOT NULL,
    at DATETIME(6) NOT NULL
);
