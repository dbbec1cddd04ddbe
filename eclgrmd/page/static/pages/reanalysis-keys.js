// What one has changed for a re-analysis, and the keys of the configuration that say so.

// Each part is null as long as nobody has touched it.
export const UNTOUCHED = { background: null, order: undefined, source: null, band: null, detectors: null, models: null };
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

// Returns the changes of the task's keys (a JSON merge patch).
export function changesOf(draft) {
  const changes = {};
  const set = (section, key, value) => {
    changes[section] = { ...changes[section], [key]: value };
  };
  if (draft.background) {
    set("background", "mode", "intervals");
    set("background", "intervals_s", [...draft.background].sort((one, other) => one[0] - other[0]));
  }
  if (draft.order !== undefined) set("background", "order", draft.order);
  if (draft.band) set("duration", "band_kev", draft.band);
  if (draft.source) set("spectral", "intervals", [draft.source]);
  if (draft.models) set("spectral", "models", draft.models);
  if (draft.detectors) changes.detectors = draft.detectors;
  return changes;
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
