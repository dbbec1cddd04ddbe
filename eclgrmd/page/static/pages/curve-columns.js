// A light curve as the columns that a figure takes: rates, background and its error.
const SHARE_OF_BIN = 1e-3;

// Adds the end of the last bin, and a gap where data are missing.
export function asColumns(curve) {
  const { start_s: starts, stop_s: stops, counts, exposure_s: exposures } = curve;
  const [background, error] = [curve.background_counts, curve.background_error_counts];
  const columns = [[], [], [], [], []];
  const add = (at, ...values) => [at, ...values].forEach((value, i) => columns[i].push(value));
  const last = starts.length - 1;
  starts.forEach((start, i) => {
    const live = exposures[i];
    const rate = live > 0 ? counts[i] / live : null;
    const level = background && live > 0 ? background[i] / live : null;
    const spread = error && live > 0 ? error[i] / live : null;
    const values = [rate, level, spread === null ? null : level + spread, spread === null ? null : level - spread];
    add(start, ...values);
    const isGap = i < last && !curve.decimated && starts[i + 1] - stops[i] > SHARE_OF_BIN * (stops[i] - start);
    if (isGap) add(stops[i], null, null, null, null);
    if (i === last) add(stops[i], ...values);
  });
  return columns;
}

// The Bayesian blocks above the background; the daemon states their net rates.
export function blockSteps(item, curve) {
  const edges = item.duration.blocks_s;
  if (edges.length < 2) return null;
  const level = backgroundRate(curve);
  return {
    kind: "steps",
    colour: "curve-2",
    width: 2,
    starts: edges.slice(0, -1),
    stops: edges.slice(1),
    ys: item.block_rates_per_s.map((rate, i) => rate + level((edges[i] + edges[i + 1]) / 2)),
  };
}

function backgroundRate(curve) {
  const { start_s: starts, background_counts: counts, exposure_s: exposures } = curve;
  if (!counts?.length) return () => 0;
  return (at) => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= at) low = middle;
      else high = middle - 1;
    }
    return exposures[low] > 0 ? counts[low] / exposures[low] : 0;
  };
}
