// Energies in the frame of the burst for a redshift that one types: the daemon computes them, as a
// re-run would, and stores nothing.
import { html, useCallback, useState } from "../preact.js";
import { path, sendJson } from "../api.js";
import { number, ofMeasurement } from "../format.js";
import { may } from "../login.js";
import { Facts, Failure, Table } from "../parts.js";
import { productPath } from "./files.js";

const PLANES = /-PLANES\.png$/;

function Found({ preview, z }) {
  const model = preview.spectra[0]?.models[0];
  const frame = model?.rest_frame.find((each) => Math.abs(each.redshift - z) < 1e-9);
  if (!preview.quick) return html`<p class="said warn">${preview.reason}</p>`;
  if (!frame) return html`<p class="said warn">No fit of this run has rest-frame values.</p>`;
  return html`
    <${Table} caption=${`Rest frame at z = ${number(z, 4)}, 1 keV to 10 MeV, ${model.name}`} rows=${[
      ["Epeak (1 + z)", ofMeasurement(frame.epeak_kev, "keV")],
      ["Eiso", ofMeasurement(frame.eiso_erg, "erg")],
      ["Liso (mean)", ofMeasurement(frame.liso_erg_s, "erg/s")],
    ]} columns=${[["Quantity", ([name]) => name], ["Value", ([, value]) => value, "number"]]} />
    <${Facts} facts=${[["Cosmology", frame.cosmology]]} />
  `;
}

export function RestFrame({ burst, run, who }) {
  const [found, setFound] = useState(null);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const compute = useCallback(
    async (event) => {
      event.preventDefault();
      const z = Number(event.target.elements.z.value);
      setBusy(true);
      setError(null);
      try {
        const body = { task: run.id, configuration: { spectral: { redshift: z } } };
        setFound({ z, preview: await sendJson("POST", path("bursts", burst.id, "preview"), body) });
      } catch (problem) {
        setError(problem);
      } finally {
        setBusy(false);
      }
    },
    [burst.id, run.id],
  );
  const planes = burst.products.find((each) => each.task_id === run.id && PLANES.test(each.name));
  return html`
    ${may(who, "scientist")
      ? html`<form class="row" onSubmit=${compute}>
          <label>Redshift z<input name="z" type="number" min="0.001" max="30" step="any" required /></label>
          <button class="main" disabled=${busy}>${busy ? "Computing…" : "Compute"}</button>
        </form>`
      : html`<p class="hint">To compute for a redshift, log in as a scientist.</p>`}
    <${Failure} error=${error} />
    ${found ? html`<${Found} ...${found} />` : null}
    ${planes
      ? html`<figure>
          <figcaption>The burst in the planes of Amati and Yonetoku, for the redshift of the run or a table of them. <a href=${productPath(planes)}>The figure alone</a>. Its numbers: “rest_frame” in result.json.</figcaption>
          <img src=${productPath(planes)} alt="Epeak against Eiso and Liso, with the relations of Amati and Yonetoku" loading="lazy" class="product" />
        </figure>`
      : html`<p class="hint">This run has no figure of the planes of Amati and Yonetoku.</p>`}
  `;
}
