// "Changed since you last looked": what this browser has seen of each burst.
const KEY = "seen";
const WATCHED = ["state", "t90_s", "epeak_kev", "fluence_erg", "class", "tasks", "products", "data_files"];

function load() {
  try {
    return JSON.parse(localStorage.getItem(KEY));
  } catch {
    return null;
  }
}

function save(seen) {
  localStorage.setItem(KEY, JSON.stringify(seen));
}

const OPENED = "opened";

const print = (burst) => [...WATCHED.map((key) => burst[key] ?? ""), burst.claim?.by, burst.record?.task_id].join("|");

// The first visit marks nothing: everything would be new.
export function begin(bursts) {
  if (!load()) markSeen(bursts);
}

export function markSeen(bursts) {
  save({ ...load(), ...Object.fromEntries(bursts.map((each) => [each.id, print(each)])) });
}

// Returns "", "unseen" or "changed".
export function novelty(burst) {
  const seen = load() ?? {};
  if (seen[burst.id] === OPENED) markSeen([burst]);
  if (seen[burst.id] === OPENED) return "";
  if (!(burst.id in seen)) return "unseen";
  return seen[burst.id] === print(burst) ? "" : "changed";
}

// A burst whose page is open is seen as the list shows it next.
export function markSeenNow(id) {
  const seen = load();
  if (seen) save({ ...seen, [id]: OPENED });
}
