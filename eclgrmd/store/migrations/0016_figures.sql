-- Figures are drawn after the result of their task is recorded, under claims of their own. A claim is
-- a row with an owner; its number counts the claims of both kinds.

ALTER TABLE task
    ADD COLUMN figures VARCHAR(10) NOT NULL DEFAULT 'none',
    ADD COLUMN figures_reason TEXT NOT NULL DEFAULT '',
    ADD COLUMN figures_asked_at DATETIME(6) NULL,
    ADD COLUMN drawings INT UNSIGNED NOT NULL DEFAULT 0;
UPDATE task SET figures = 'done' WHERE state = 'done' AND EXISTS (
    SELECT 1 FROM product WHERE product.task_id = task.task_id AND product.kind = 'figure'
);
CREATE INDEX figures ON task (figures, turn_at);
CREATE INDEX claimed ON task (owner);
