// The changed keys, the name of the new run, its progress, and what it changed.
import { html, useCallback, useState } from "../preact.js";
import { path, sendJson } from "../api.js";
import { Badge, Copy, Failure, Shown } from "../parts.js";
import { useResource } from "../resource.js";
import { address } from "../route.js";
import { Comparison } from "./runs.js";

function Watch({ run, id }) {
  const concerns = useCallback((event) => event.task === id, [id]);
  const resource = useResource(path("task", id), { concerns });
  return html`
    <${Shown} resource=${resource} what="new run">${(task) => html`
      <p role="status">Run <a href=${address("task", id)}>${id}</a> is <${Badge} state=${task.state} /> ${task.reason}</p>
      ${task.state === "done"
        ? html`<p><a href=${address("burst", task.burst_id, { run: id })}>Show this run</a>, and accept it there as the result of record</p>
            <h3>What changed</h3><${Comparison} before=${run.id} after=${id} />`
        : null}
    `}<//>
  `;
}

export function Submit({ run, changes }) {
  const [sent, setSent] = useState("");
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const empty = !Object.keys(changes).length;
  const send = useCallback(
    async (event) => {
      event.preventDefault();
      const id = event.target.elements.id.value.trim();
      setBusy(true);
      setError(null);
      try {
        const task = await sendJson("POST", path("task", run.id, "rerun"), { ...(id ? { id } : {}), configuration: changes });
        setSent(task.id);
      } catch (problem) {
        setError(problem);
      } finally {
        setBusy(false);
      }
    },
    [run.id, changes],
  );
  const keys = JSON.stringify(changes, null, 1);
  return html`
    <h3>Changed keys</h3>
    ${empty
      ? html`<p class="hint">None yet.</p>`
      : html`<pre tabindex="0" aria-label="Changed keys">${keys}</pre><${Copy} text=${keys} label="Copy the keys" />`}
    <form class="row" onSubmit=${send}>
      <label>Name of the new run<input name="id" maxlength="100" pattern="[A-Za-z0-9][A-Za-z0-9._:+\\-]*" placeholder="chosen for you" title="Letters, digits and . _ : + -" /></label>
      <button class="main" disabled=${busy || empty}>Submit as a new run</button>
    </form>
    <${Failure} error=${error} what="Not submitted" />
    ${sent ? html`<${Watch} key=${sent} run=${run} id=${sent} />` : null}
  `;
}
