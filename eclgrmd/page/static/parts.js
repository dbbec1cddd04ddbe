// Small pieces that all pages use.
import { html, useCallback, useEffect, useRef, useState } from "./preact.js";
import { span } from "./format.js";

const COPIED_MS = 2500;
const FEW_FLAGS = 2;

// The words of the service's states, with what they mean.
const STATES = {
  withdrawn: ["bad", "The mission withdrew this burst."],
  open: ["busy", "An analysis waits or runs."],
  done: ["good", "An analysis has a result."],
  failed: ["bad", "An analysis failed, and none has a result."],
  new: ["plain", "Nothing was analysed yet."],
  waiting: ["plain", "Waits for its input files."],
  queued: ["busy", "Waits for a worker."],
  running: ["busy", "A worker computes it."],
  cancelled: ["plain", "Somebody cancelled it."],
  accepted: ["good", "The file can be analysed."],
  refused: ["bad", "The file cannot be analysed."],
  superseded: ["plain", "A newer version of the same analysis exists."],
  "not final": ["warn", "Data are still missing, or only the quick look was made."],
  changed: ["warn", "It changed since you last looked."],
  unseen: ["warn", "You have not seen it yet."],
};

export function Badge({ state, title }) {
  const [kind, meaning] = STATES[state] ?? ["plain", ""];
  return html`<span class="badge ${kind}" title=${title || meaning}>${state}</span>`;
}

export function Failure({ error, what }) {
  if (!error) return null;
  return html`<p class="said bad" role="alert">${what ? `${what}: ` : ""}${error.message}</p>`;
}

export function Wait({ what }) {
  return html`<p class="wait" role="status">Loading ${what}…</p>`;
}

// Shows what a resource returned, or why it did not; what is old stays beside its error.
export function Shown({ resource, what, children }) {
  const { data, error, loading } = resource;
  return html`
    <${Failure} error=${error} what=${`Cannot load ${what}`} />
    ${loading ? html`<${Wait} what=${what} />` : null} ${data ? children(data) : null}
  `;
}

// A part of a page that can be folded; its content is made when it is first opened.
export function Section({ id, title, open = false, children, aside }) {
  const [opened, setOpened] = useState(open);
  const toggled = useCallback((event) => event.target.open && setOpened(true), []);
  return html`
    <details class="section" id=${id} open=${open} onToggle=${toggled}>
      <summary><h2>${title}</h2>${aside ? html`<span class="aside">${aside}</span>` : null}</summary>
      ${opened ? html`<div class="content">${children}</div>` : null}
    </details>
  `;
}

export function Copy({ text, label = "Copy" }) {
  const [said, setSaid] = useState("");
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = useCallback(async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid("Copied");
    } catch {
      setSaid("The browser does not allow it: select the text and copy it");
    }
    timer.current = setTimeout(() => setSaid(""), COPIED_MS);
  }, [text]);
  return html`
    <button type="button" onClick=${copy}>${label}</button>
    <span class="hint" role="status">${said}</span>
  `;
}

// A table that scrolls by itself; `columns` are [heading, row => cell, class].
export function Table({ caption, columns, rows, empty = "None." }) {
  if (!rows.length) return html`<p class="hint">${empty}</p>`;
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label=${caption}>
      <table>
        <caption>${caption}</caption>
        <thead>
          <tr>${columns.map(([heading, , kind]) => html`<th scope="col" class=${kind}>${heading}</th>`)}</tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) => html`<tr>${columns.map(([, cell, kind]) => html`<td class=${kind}>${cell(row)}</td>`)}</tr>`,
          )}
        </tbody>
      </table>
    </div>
  `;
}

// Names and values in two columns.
export function Facts({ facts }) {
  const known = facts.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return html`<dl class="facts">${known.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

// What is doubtful about a value; a long list is folded.
export function Flags({ flags, open = false }) {
  if (!flags?.length) return null;
  const list = html`<ul class="flags">${flags.map((each) => html`<li title=${each.code}>${each.text ?? each}</li>`)}</ul>`;
  if (open || flags.length <= FEW_FLAGS) return list;
  return html`<details class="doubts"><summary>${flags.length} doubts: ${flags[0].text ?? flags[0]}, …</summary>${list}</details>`;
}

export function useNow(period) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), period);
    return () => clearInterval(timer);
  }, [period]);
  return now;
}

// How long something has lasted, kept up to date.
export function Since({ at }) {
  return span(useNow(1000) - at);
}

// How long ago a time is, kept up to date; the clock of a test may be ahead of ours.
export function Ago({ at }) {
  const now = useNow(1000);
  if (!Number.isFinite(at)) return null;
  return at > now ? `in ${span(at - now)}` : `${span(now - at)} ago`;
}
