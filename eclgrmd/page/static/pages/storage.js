// What the service keeps, and how much room there is: from its metrics.
import { html } from "../preact.js";
import { getText } from "../api.js";
import { bytes } from "../format.js";
import { Facts, Shown } from "../parts.js";

// Lines of the exposition format that have a number of bytes: name, value.
const LINE = /^eclgrmd_(kept_bytes\{what="(?:data|products)"\}|free_bytes|reserve_bytes) (\S+)$/gm;
const NAMES = [
  ["Received files", 'kept_bytes{what="data"}'],
  ["Products", 'kept_bytes{what="products"}'],
  ["Free space", "free_bytes"],
  ["Work is refused below", "reserve_bytes"],
];

export async function fetchStorage(path, options) {
  const text = await getText(path, options);
  return new Map([...text.matchAll(LINE)].map(([, name, value]) => [name, Number(value)]));
}

export function Storage({ resource }) {
  return html`
    <${Shown} resource=${resource} what="storage">${(found) => html`
      <${Facts} facts=${NAMES.map(([label, name]) => [label, Number.isFinite(found.get(name)) ? bytes(found.get(name)) : "unknown"])} />`}<//>
  `;
}
