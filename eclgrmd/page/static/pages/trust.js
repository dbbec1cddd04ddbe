// How far the errors can be trusted. Campaigns of simulated twins are not part of the service yet.
import { html } from "../vendor/preact-htm.js";

export function Trust() {
  return html`
    <p>No campaign was made for this burst: nobody has simulated twins of it to count how often the stated interval holds the truth, nor repeated it under other defensible choices.</p>
    <p>Until then: the coverage of the errors was measured on simulated bursts of all kinds; the README states it. To see how much your own choices matter, <strong>re-analyse</strong> with another background, order, band or binning, and compare the runs in sigma under “Runs”. To have twins of this burst made, ask the people who run this service for <code>testbench/accuracy/temporal</code> at its brightness and duration.</p>
  `;
}
