-- Pages of tasks are listed by age, however many there are.
CREATE INDEX age ON task (created_at, task_id);
