// How far the errors can be trusted: how to have this burst tested, until the daemon keeps the answers.
import { html } from "../vendor/preact-htm.js";

export function Trust({ run }) {
  return html`
    <p>Two studies say how far the numbers of one burst can be trusted. The daemon does not keep their answers, so none can be shown here. Download all products of ${run.id} into a folder, and run:</p>
    <pre tabindex="0" aria-label="Commands">eclgrmd coverage products/ --twins 300
eclgrmd spread products/ --choices 500</pre>
    <p><strong>Coverage</strong>: how often the stated intervals of T90, T50 and Epeak hold the truth, over simulated twins of this burst. <strong>Spread</strong>: the same numbers under many choices of background, order, band and binning that could be defended.</p>
  `;
}
