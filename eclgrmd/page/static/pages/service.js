// The service: what it depends on, its queue, its errors, and all tasks.
import { html, useCallback, useEffect } from "../preact.js";
import { getJson, request, withQuery } from "../api.js";
import { number, span, utc } from "../format.js";
import { Facts, Section, Shown, Table } from "../parts.js";
import { useResource } from "../resource.js";
import { setQuery } from "../route.js";
import { fetchStorage, Storage } from "./storage.js";
import { TaskTable } from "./tasks.js";

const REFRESH_MS = 5000;
const STATES = ["waiting", "queued", "running", "done", "failed", "cancelled"];
const ofTasks = (event) => event.kind === "task";
const ofErrors = (event) => event.kind === "error";

// "Not ready" is an answer, too: with status 503 and the same body.
async function readiness(path, { signal }) {
  const response = await fetch(path, { signal });
  if (response.status === 200 || response.status === 503) return response.json();
  return (await request("GET", path, { signal })).json();
}

const DEPENDENCIES = [
  ["Database", "database"],
  ["NATS", "nats"],
  ["Workers", "workers"],
  ["Storage", "storage"],
  ["Announcements", "announcements"],
];

function Health({ ready }) {
  const asides = Object.entries(ready.quick_look.set_aside).filter(([, many]) => many);
  return html`
    <p class=${`said ${ready.ready ? "good" : "bad"}`} role="status">
      ${ready.ready ? "The service accepts work." : "The service does not accept work: see below what does not work."}
    </p>
    <${Table} caption="What the service depends on" rows=${DEPENDENCIES} columns=${[
      ["Part", ([name]) => name],
      ["State", ([, key]) => html`<span class=${`badge ${ready[key].ok ? "good" : "bad"}`}>${ready[key].ok ? "works" : "fault"}</span>`],
      ["What is wrong", ([, key]) => ready[key].fault || "nothing", "wide"],
    ]} />
    <${Facts} facts=${[
      ["Workers", `${ready.workers.busy} busy, ${ready.workers.alive} of ${ready.workers.wanted} run`],
      ["Open tasks", `${ready.tasks.open} (refused from ${ready.tasks.most})`],
      ["Oldest unpublished announcement", span(1000 * ready.announcements.oldest_s)],
      ["Dead letters", String(ready.announcements.dead_letters)],
      ["Failed downloads to be tried again", `${ready.fetches.waiting}${ready.fetches.reason ? `: ${ready.fetches.reason}` : ""}`],
      ["Packets left out", asides.map(([cause, many]) => `${many} ${cause}`).join(", ") || "none"],
      ["Checked", ready.checked_ago_s === null ? "never" : `${number(ready.checked_ago_s, 2)} s ago`],
    ]} />
  `;
}

function Tasks({ query, who }) {
  const state = query.get("state") ?? "";
  const text = query.get("text") ?? "";
  const path = withQuery("task", { sort: "-created", limit: 50, state, text });
  const resource = useResource(path, { concerns: ofTasks });
  return html`
    <div class="row">
      <label>State
        <select value=${state} onChange=${(event) => setQuery({ state: event.target.value })}>
          <option value="">any</option>
          ${STATES.map((each) => html`<option value=${each}>${each}</option>`)}
        </select>
      </label>
      <label>Search<input type="search" value=${text} maxlength="100" onChange=${(event) => setQuery({ text: event.target.value.trim() })} placeholder="task, burst or reason" /></label>
    </div>
    <${Shown} resource=${resource} what="tasks">${({ tasks, next }) => html`
      <${TaskTable} tasks=${tasks} who=${who} onChange=${resource.again} caption="Tasks, newest first" withBurst />
      ${next ? html`<p class="hint">These are the newest 50: search for older ones.</p>` : null}
    `}<//>
  `;
}

function LastErrors() {
  const failed = useResource(withQuery("task", { sort: "-created", limit: 10, state: "failed" }), { concerns: ofTasks });
  const letters = useResource("dead-letters?limit=20", { concerns: ofErrors });
  return html`
    <${Shown} resource=${failed} what="failed tasks">${({ tasks }) => html`
      <${Table} caption="Tasks that failed last" rows=${tasks} empty="No task failed." columns=${[
        ["Task", (each) => html`<a href=${`#/task/${encodeURIComponent(each.id)}`}>${each.id}</a>`],
        ["Reason", (each) => each.reason, "wide"],
        ["Ended", (each) => utc(each.finished_at), "number"],
      ]} />`}<//>
    <${Shown} resource=${letters} what="dead letters">${({ dead_letters: found }) => html`
      <${Table} caption="Announcements that NATS refused for good" rows=${found} empty="No dead letter." columns=${[
        ["Fact", (each) => each.note, "wide"],
        ["Why", (each) => each.reason, "wide"],
        ["Given up", (each) => utc(each.buried_at), "number"],
      ]} />`}<//>
  `;
}

export function ServicePage({ route, who }) {
  const health = useResource("/health/ready", { fetcher: readiness });
  const status = useResource("status", { fetcher: getJson });
  const storage = useResource("/metrics", { fetcher: fetchStorage });
  const { again } = health;
  const { again: weigh } = storage;
  const refresh = useCallback(() => {
    if (document.hidden) return;
    again();
    weigh();
  }, [again, weigh]);
  useEffect(() => {
    const timer = setInterval(refresh, REFRESH_MS);
    return () => clearInterval(timer);
  }, [refresh]);
  return html`
    <h1>Service</h1>
    <${Shown} resource=${status} what="status">${({ info, descriptor }) => html`
      <${Facts} facts=${[
        ["Name", descriptor.name],
        ["Says", info],
        ["Runs since", descriptor.creation_date],
      ]} />`}<//>
    <${Shown} resource=${health} what="health">${(ready) => html`<${Health} ready=${ready} />`}<//>
    <${Section} id="storage" title="Storage" open=${true}><${Storage} resource=${storage} /><//>
    <${Section} id="tasks" title="Tasks" open=${true}><${Tasks} query=${route.query} who=${who} /><//>
    <${Section} id="errors" title="Last errors" open=${true}><${LastErrors} /><//>
  `;
}
