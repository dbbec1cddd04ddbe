// Tasks as a table, and what one may do with a task.
import { html, useCallback, useState } from "../preact.js";
import { path, sendJson } from "../api.js";
import { moment, span, utc } from "../format.js";
import { may } from "../login.js";
import { Badge, Failure, Since, Table } from "../parts.js";
import { address } from "../route.js";

const OPEN = ["waiting", "queued", "running"];

export const isOpen = (task) => OPEN.includes(task.state);

// Cancels an open task; runs one again that has ended.
export function TaskActions({ task, who, onChange }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const act = useCallback(
    async (work) => {
      setBusy(true);
      setError(null);
      try {
        await onChange(await work());
      } catch (problem) {
        setError(problem);
      } finally {
        setBusy(false);
      }
    },
    [onChange],
  );
  if (!may(who, "scientist")) return null;
  const cancel = () => act(() => sendJson("DELETE", path("task", task.id)));
  const retry = () => act(() => sendJson("POST", path("task", task.id, "rerun"), {}));
  const button = isOpen(task)
    ? html`<button type="button" disabled=${busy} onClick=${cancel}>Cancel<span class="unseen"> ${task.id}</span></button>`
    : html`<button type="button" disabled=${busy} onClick=${retry}>Run again<span class="unseen"> ${task.id}</span></button>`;
  return html`${button} <${Failure} error=${error} />`;
}

export function elapsed(task) {
  if (!task.started_at) return "–";
  if (!task.finished_at) return html`<${Since} at=${moment(task.started_at)} />`;
  return span(moment(task.finished_at) - moment(task.started_at));
}

export function TaskTable({ tasks, who, onChange, caption, withBurst = false }) {
  const columns = [
    ["Task", (task) => html`<a href=${address("task", task.id)}>${task.id}</a>`, "name"],
    ["State", (task) => html`<${Badge} state=${task.state} />${task.superseded_by ? html`<${Badge} state="superseded" />` : null}${task.incomplete ? html`<${Badge} state="not final" title=${task.incomplete} />` : null}`],
    withBurst ? ["Burst", (task) => html`<a href=${address("burst", task.burst_id)}>${task.burst_id}</a>`] : null,
    ["Analysis", (task) => `${task.analysis}${task.rerun_of ? `, again from ${task.rerun_of}` : ""}`],
    ["Reason", (task) => task.reason, "wide"],
    ["Received", (task) => utc(task.created_at), "number"],
    ["Took", elapsed, "number"],
    may(who, "scientist") ? ["Action", (task) => html`<${TaskActions} task=${task} who=${who} onChange=${onChange} />`] : null,
  ].filter(Boolean);
  return html`<${Table} caption=${caption} columns=${columns} rows=${tasks} empty="No task." />`;
}
