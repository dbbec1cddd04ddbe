// The live events: one stream for the whole page, which survives restarts and says how it is.
import { useEffect, useState } from "./preact.js";
import { API, request } from "./api.js";

const KINDS = ["data", "task", "products", "vhf", "vhf-products", "burst", "error", "status"];
const AGAIN = { kind: "again" };
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15_000;
const WATCH_MS = 15_000;
const WATCH_LIMIT_MS = 8000;

const listeners = new Set();
const watchers = new Set();
let source = null;
let mark = "";
let pause = FIRST_PAUSE_MS;
let timer = 0;
let state = { name: "connecting", since: Date.now(), outage: null, upgraded: false };

function become(changes) {
  state = { ...state, ...changes };
  for (const each of watchers) each(state);
}

function tell(event) {
  for (const each of listeners) each(event);
}

export function start() {
  if (source || timer) return;
  window.addEventListener("online", retryNow);
  window.addEventListener("offline", lost);
  setInterval(watch, WATCH_MS);
  open();
}

function open() {
  timer = 0;
  source = new EventSource(`${API}/events${mark ? `?after=${mark}` : ""}`);
  source.addEventListener("open", opened);
  source.addEventListener("error", lost);
  source.addEventListener("forgotten", () => tell(AGAIN));
  for (const kind of KINDS) source.addEventListener(kind, received);
}

function opened() {
  pause = FIRST_PAUSE_MS;
  const outage = state.name === "lost" ? { from: state.since, until: Date.now() } : state.outage;
  const returns = state.name === "lost";
  become({ name: "live", since: Date.now(), outage });
  if (returns) {
    tell(AGAIN);
    compareVersion();
  }
}

function received(event) {
  if (event.lastEventId) mark = event.lastEventId;
  const said = JSON.parse(event.data);
  tell({ kind: event.type, burst: said.burst_id, task: said.task_id, said });
}

function lost() {
  if (source) source.close();
  source = null;
  if (state.name !== "lost") become({ name: "lost", since: Date.now() });
  if (!timer) timer = setTimeout(open, pause);
  pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
}

function retryNow() {
  if (source) return;
  clearTimeout(timer);
  pause = FIRST_PAUSE_MS;
  open();
}

// A network that is gone without a word leaves the stream open for many minutes.
async function watch() {
  if (!source || document.hidden) return;
  try {
    await request("GET", "/health/live", { signal: AbortSignal.timeout(WATCH_LIMIT_MS) });
  } catch {
    lost();
  }
}

async function compareVersion() {
  try {
    const text = await (await request("GET", "/")).text();
    const [, served] = text.match(/name="version" content="([^"]*)"/) ?? [];
    const ours = document.querySelector('meta[name="version"]').content;
    if (served && served !== ours) become({ upgraded: true });
  } catch {
    // It is compared again after the next outage.
  }
}

// Calls back with each event, and with kind `again` when anything may have been missed.
export function useEvents(listener) {
  useEffect(() => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, [listener]);
}

export function useConnection() {
  const [shown, setShown] = useState(state);
  useEffect(() => {
    watchers.add(setShown);
    setShown(state);
    return () => watchers.delete(setShown);
  }, []);
  return shown;
}
