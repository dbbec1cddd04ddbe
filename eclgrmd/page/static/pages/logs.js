// The log of a task; it grows while the task runs.
import { html, useCallback, useState } from "../preact.js";
import { path } from "../api.js";
import { Shown } from "../parts.js";
import { useResource } from "../resource.js";

const HEAD = new Set(["timestamp", "level", "event", "burst_id", "task_id", "logger", "worker"]);

function line(entry) {
  const rest = Object.entries(entry)
    .filter(([key]) => !HEAD.has(key))
    .map(([key, value]) => `${key}=${typeof value === "object" ? JSON.stringify(value) : value}`);
  const at = (entry.timestamp ?? "").slice(11, 23);
  return `${at} ${(entry.level ?? "info").padEnd(7)} ${entry.event}  ${rest.join(" ")}`;
}

export function Logs({ task }) {
  const [level, setLevel] = useState("all");
  const concerns = useCallback((event) => event.task === task, [task]);
  const resource = useResource(path("task", task, "logs"), { concerns });
  return html`
    <${Shown} resource=${resource} what="log">${({ lines }) => {
      const chosen = level === "all" ? lines : lines.filter((each) => each.level !== "info");
      return html`
        <div class="row">
          <label>Lines
            <select value=${level} onChange=${(event) => setLevel(event.target.value)}>
              <option value="all">all</option>
              <option value="doubts">warnings and errors</option>
            </select>
          </label>
          <button type="button" onClick=${resource.again}>Read again</button>
        </div>
        <pre tabindex="0" aria-label="Log">${chosen.map(line).join("\n") || "No lines."}</pre>
      `;
    }}<//>
  `;
}
