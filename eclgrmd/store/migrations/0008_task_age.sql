-- Pages of tasks are sorted by age; the index keeps that fast for any number of tasks.
CREATE INDEX age ON task (created_at, task_id);
