// What one has changed for a re-analysis, and the keys of the configuration that say so.

// Each part is null as long as nobody has touched it; `own` has background, order and band by instrument.
export const UNTOUCHED = { own: {}, source: null, detectors: null, models: null };
export const MODELS = ["band", "cpl", "pl", "sbpl", "bpl", "bb", "ottb", "band+bb", "cpl+bb", "pl+bb"];
export const ORDERS = [
  ["", "as in the run"],
  ["smooth", "smooth curve"],
  ["0", "constant"],
  ["1", "order 1"],
  ["2", "order 2"],
  ["3", "order 3"],
  ["4", "order 4"],
];

// Returns the changes of the task's keys (a JSON merge patch). Beside other instruments, what
// belongs to one of them is set for that one alone.
export function changesOf(draft, isAlone) {
  const changes = {};
  for (const [instrument, own] of Object.entries(draft.own)) {
    if (isAlone) Object.assign(changes, ownChanges(own));
    else changes.per_instrument = { ...changes.per_instrument, [instrument]: ownChanges(own) };
  }
  const spectral = { ...(draft.source && { intervals: [draft.source] }), ...(draft.models && { models: draft.models }) };
  if (Object.keys(spectral).length) changes.spectral = spectral;
  if (draft.detectors) changes.detectors = draft.detectors;
  return changes;
}

function ownChanges({ background, order, band }) {
  const intervals = background && { mode: "intervals", intervals_s: [...background].sort((one, other) => one[0] - other[0]) };
  return {
    ...((background || order !== undefined) && { background: { ...intervals, ...(order !== undefined && { order }) } }),
    ...(band && { duration: { band_kev: band } }),
  };
}

// Rounds a time to what a pixel of the figure can tell.
export function rounded(value, width) {
  const step = 10 ** Math.floor(Math.log10(width / 500));
  return Number((Math.round(value / step) * step).toPrecision(9));
}

// Moves an edge of an interval; the other edge stays, and stays on its side.
export function moved(interval, edge, value) {
  const next = [...interval];
  next[edge] = edge === 0 ? Math.min(value, interval[1]) : Math.max(value, interval[0]);
  return next[0] < next[1] ? next : interval;
}
