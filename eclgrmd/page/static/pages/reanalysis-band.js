// The spectrum of the burst, in which the edges of the energy band are dragged.
import { html, useMemo } from "../preact.js";
import { Plot } from "../plots/plot.js";
import { View } from "../plots/view.js";
import { moved } from "./reanalysis-keys.js";
import { ColourKey, countMarks, positive, SpectrumTable } from "./spectra.js";

const SERIES = [{ label: "value", hidden: true }];
const HEIGHT = 200;
const ROOM = 1.2;
const COLOUR = "curve-3";
const DIGITS = 3;

export function BandFigure({ instrument, spectra, model, lowest, highest, band, onChange }) {
  const home = useMemo(() => [lowest / ROOM, highest * ROOM], [lowest, highest]);
  const view = useMemo(() => new View(home, { log: true }), [home]);
  const data = useMemo(() => [home, [null, null]], [home]);
  const counts = useMemo(() => countMarks(spectra), [spectra]);
  const range = useMemo(() => positive(counts), [counts]);
  const marks = useMemo(() => [{ kind: "region", from: band[0], to: band[1], colour: COLOUR, label: "band" }, ...counts], [band, counts]);
  const handles = band.map((value, i) => ({ id: String(i), value, colour: COLOUR }));
  const onDrag = (id, value) => onChange(moved(band, Number(id), Number(Math.min(Math.max(value, lowest), highest).toPrecision(DIGITS))));
  return html`
    <figure>
      <figcaption>Energy band of T90 of ${instrument}, in the spectrum of the run</figcaption>
      <${ColourKey} names=${spectra.map((each) => each.detector)} />
      <${Plot} label="Count spectrum with the energy band of T90" height=${HEIGHT} xLabel="Energy (keV)" yLabel="counts/s/keV" logX logY
        data=${data} series=${SERIES} marks=${marks} yRange=${range} handles=${handles} onDrag=${onDrag} view=${view} />
      <details><summary>The same as tables</summary><${SpectrumTable} spectra=${spectra} model=${model} /></details>
    </figure>
  `;
}
