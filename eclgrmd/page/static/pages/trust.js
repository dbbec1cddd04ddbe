// How far the numbers of a run can be trusted: studies that the daemon makes when one asks for them.
import { html, useEffect } from "../preact.js";
import { path, sendJson } from "../api.js";
import { number, utc } from "../format.js";
import { may } from "../login.js";
import { Badge, Failure, Shown, Table } from "../parts.js";
import { useResource } from "../resource.js";
import { useAct } from "./claim.js";

const LOOK_MS = 5000;
const NAMES = { t90_s: "T90 (s)", t50_s: "T50 (s)", epeak_kev: "Epeak (keV)", flux_erg: "Flux (erg/cm²/s), 10–1000 keV" };
const percent = (share, error) => (share === null ? "–" : `${number(100 * share)} ± ${number(100 * error, 2)} %`);
const SURE_SIGMA = 2;

// Whether the intervals of 68 % held the truth as often as they should.
function Verdict({ share, error }) {
  if (share === null) return null;
  const away = share - 0.683;
  if (Math.abs(away) <= SURE_SIGMA * error) return html`<span class="badge good">as stated</span>`;
  return away < 0 ? html`<span class="badge bad">too narrow</span>` : html`<span class="badge warn">too wide</span>`;
}

function Coverage({ found }) {
  return html`
    <p>${found.twins} twins; in ${found.undetected} of them no burst was found.</p>
    <${Table} caption="How often the stated interval held the truth" rows=${found.covers} columns=${[
      ["Value", (each) => NAMES[each.quantity] ?? each.quantity],
      ["Errors are", (each) => html`<${Verdict} share=${each.covered_68} error=${each.error_68} />`],
      ["68 % interval", (each) => percent(each.covered_68, each.error_68), "number"],
      ["95 % interval", (each) => percent(each.covered_95, each.error_95), "number"],
      ["Truth", (each) => number(each.truth, 4), "number"],
      ["Mean found", (each) => number(each.mean, 4), "number"],
      ["Twins", (each) => String(each.twins), "number"],
    ]} />
  `;
}

function Spread({ found }) {
  const half = (each) => (each.high_68 - each.low_68) / 2;
  const shares = (each) => Object.entries(each.shares).map(([name, share]) => `${name} ${Math.round(100 * share)} %`).join(", ");
  return html`
    <p>${found.choices} choices; by ${found.failed} of them nothing could be measured.</p>
    <${Table} caption="The same numbers under other choices" rows=${found.quantities} columns=${[
      ["Value", (each) => NAMES[each.quantity] ?? each.quantity],
      ["Run", (each) => number(each.value, 4), "number"],
      ["Statistical error", (each) => number(each.statistical, 2), "number"],
      ["68 % of the choices", (each) => `${number(each.low_68, 4)} to ${number(each.high_68, 4)}`, "number"],
      ["95 %", (each) => `${number(each.low_95, 4)} to ${number(each.high_95, 4)}`, "number"],
      ["Spread over error", (each) => (each.statistical ? number(half(each) / each.statistical, 2) : "–"), "number"],
      ["What the variance comes from", shares, "wide"],
    ]} />
  `;
}

const STUDIES = [
  { kind: "coverage", title: "Coverage", unit: "twins", least: 2, usual: 300, View: Coverage, text: "How often the stated intervals hold the truth, over simulated twins of this burst." },
  { kind: "spread", title: "Analyst’s spread", unit: "choices", least: 10, usual: 500, View: Spread, text: "The same numbers under many choices of background, order, band and binning that could be defended." },
];

function Ask({ study, where, found, who, onAsked }) {
  const { busy, error, act } = useAct(onAsked);
  const ask = (event) => {
    event.preventDefault();
    const many = event.target.elements.many.valueAsNumber;
    act(() => sendJson("POST", where, { [study.unit]: many }));
  };
  if (!may(who, "scientist")) return found[study.kind] ? null : html`<p class="hint">A scientist can ask for it here.</p>`;
  return html`
    <form class="row" onSubmit=${ask}>
      <label>${study.title}: ${study.unit}<input type="number" name="many" min=${study.least} max="10000" step="1" value=${study.usual} required /></label>
      <button disabled=${busy}>${found[study.kind] ? "Ask again" : "Ask for it"}</button>
    </form>
    <${Failure} error=${error} what="Not asked" />
  `;
}

function Study({ study, run, who }) {
  const where = path("task", run.id, study.kind);
  const resource = useResource(where);
  const { again } = resource;
  const state = resource.data?.state;
  const isOpen = state === "queued" || state === "running";
  useEffect(() => {
    if (!isOpen) return undefined;
    const timer = setInterval(() => document.hidden || again(), LOOK_MS);
    return () => clearInterval(timer);
  }, [isOpen, again]);
  return html`
    <h3>${study.title}</h3>
    <p>${study.text}</p>
    <${Shown} resource=${resource} what=${study.title}>${(found) => html`
      ${state === "none" ? html`<p class="hint">Nobody has asked for it yet.</p>` : null}
      ${isOpen ? html`<p role="status"><${Badge} state=${state} /> ${found.number} ${study.unit}, ${Math.round(100 * found.progress)} % done. It runs while no analysis waits.</p>` : null}
      ${state === "failed" ? html`<p class="said bad">It could not be computed: ${found.reason}</p>` : null}
      ${found[study.kind] ? html`<${study.View} found=${found[study.kind]} />` : null}
      ${state === "done" ? html`<p class="hint">Made ${utc(found.ended_at)}; seed ${found.seed}.</p>` : null}
      ${isOpen ? null : html`<${Ask} study=${study} where=${where} found=${found} who=${who} onAsked=${again} />`}
    `}<//>
  `;
}

export function Trust({ run, who }) {
  return STUDIES.map((study) => html`<${Study} key=${study.kind} study=${study} run=${run} who=${who} />`);
}
