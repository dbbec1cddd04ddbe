// The quick look of a burst: what its packets and notices have told so far.
import { html, useCallback } from "../preact.js";
import { API, getText, path } from "../api.js";
import { band, bytes, number, ofMeasurement, ofWidth, utc } from "../format.js";
import { Badge, Copy, Facts, Flags, Shown, Table } from "../parts.js";
import { useResource } from "../resource.js";
import { QuickCurves } from "./quicklook-curves.js";

const MEANINGS = {
  receiving: "More packets are expected: these numbers are not final.",
  final: "No packet came for so long that none is expected. The full data will refine the numbers.",
  withdrawn: "A notice retracted the burst.",
  superseded: "The full data have been analysed: their results stand.",
};

// Texts to finish and send: end of the product's name, what it is, whether it is open at first.
const DRAFTS = [
  ["circular.txt", "circular", true],
  [".xml", "notice (VOEvent)", false],
];

function Draft({ burst, product, what, open }) {
  const resource = useResource(path("bursts", burst, "vhf", "products", String(product.proc_ver), product.name), { fetcher: getText });
  return html`
    <details open=${open}><summary>Draft of a ${what}</summary>
      <${Shown} resource=${resource} what="draft">${(text) => html`<pre class="draft" tabindex="0" aria-label=${`Draft of a ${what}`}>${text}</pre><${Copy} text=${text} label=${`Copy the ${what}`} />`}<//>
    </details>
  `;
}

// The numbers that one wants first.
export function QuickHeadline({ look }) {
  const { newest } = look;
  if (!newest) return null;
  const parameters = newest.spectrum?.models?.[0]?.parameters;
  const found = newest.instruments;
  const most = Math.max(...found.map((each) => each.duration.significance ?? 0));
  return html`<div class="headline"><${Facts} facts=${[
    ...found.map(({ instrument, duration }) => [`T90, ${instrument} ${band(duration.band_kev)}`, ofWidth(duration.t90)]),
    ["Epeak", parameters?.epeak_kev && ofMeasurement(parameters.epeak_kev, "keV")],
    ["Significance", most ? `${number(most)} σ` : ""],
    ["Class", newest.classification?.name],
  ]} /></div>`;
}

export function QuickLook({ burst, look }) {
  const concerns = useCallback((event) => event.burst === burst, [burst]);
  const products = useResource(path("bursts", burst, "vhf", "products"), { concerns });
  const newest = look.newest;
  return html`
    <p><${Badge} state=${look.state === "withdrawn" ? "withdrawn" : look.state === "superseded" ? "superseded" : "not final"} title=${MEANINGS[look.state]} /> ${MEANINGS[look.state]}</p>
    ${newest ? html`<${QuickCurves} burst=${burst} />` : null}
    <${Facts} facts=${[
      ["Version", String(look.version)],
      ["Changed", utc(look.changed_at)],
      ["Why", look.reason],
      ["Missing packets", newest ? String(newest.missing) : ""],
    ]} />
    ${newest
      ? html`<${Table} caption="Durations so far" rows=${newest.instruments} columns=${[
          ["Instrument", (each) => each.instrument],
          ["Burst is", (each) => each.progress],
          ["T90", (each) => ofWidth(each.duration.t90), "number"],
          ["T50", (each) => ofWidth(each.duration.t50), "number"],
          ["σ", (each) => number(each.duration.significance), "number"],
          ["Data until (s)", (each) => number(each.until_s, 4), "number"],
        ]} /><${Flags} flags=${newest.flags} />`
      : html`<p class="hint">No packet with a light curve came yet.</p>`}
    <${Shown} resource=${products} what="products of the quick look">${({ products: found }) => {
      const current = found.filter((each) => each.proc_ver === look.proc_ver);
      const drafts = DRAFTS.map(([end, ...rest]) => [current.find((each) => each.name.endsWith(end)), ...rest]).filter(([product]) => product);
      return html`
        ${drafts.map(([product, what, open]) => html`<${Draft} key=${product.sha256} burst=${burst} product=${product} what=${what} open=${open} />`)}
        <${Table} caption="Products of the quick look" rows=${current} empty="No product yet." columns=${[
          ["File", (each) => html`<a href=${`${API}/${path("bursts", burst, "vhf", "products", String(each.proc_ver), each.name)}`} download=${each.name}>${each.name}</a>`, "name"],
          ["Size", (each) => bytes(each.size), "number"],
          ["State", (each) => each.state],
          ["SHA-256", (each) => html`<code>${each.sha256}</code>`, "hash"],
        ]} />
      `;
    }}<//>
    ${look.notices ? html`<details><summary>Notices</summary><pre tabindex="0" aria-label="Notices">${JSON.stringify(look.notices, null, 1)}</pre></details>` : null}
  `;
}
