// What a path of the REST interface returns, fetched again when a live event says that it changed.
import { useCallback, useEffect, useRef, useState } from "./preact.js";
import { getJson } from "./api.js";
import { useEvents } from "./live.js";

const SETTLE_MS = 250;

const never = () => false;

// Parameters: the path, or null for none yet; which live events concern it; how to fetch it.
// Data of the same path stay while they are fetched again, also if that fails.
export function useResource(path, { concerns = never, fetcher = getJson } = {}) {
  const [found, setFound] = useState({ path: null, data: null, error: null });
  const [round, setRound] = useState(0);
  const timer = useRef(0);
  const again = useCallback(() => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setRound((last) => last + 1), SETTLE_MS);
  }, []);

  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (!path) return undefined;
    const stop = new AbortController();
    fetcher(path, { signal: stop.signal }).then(
      (data) => stop.signal.aborted || setFound({ path, data, error: null }),
      (error) =>
        stop.signal.aborted ||
        setFound((last) => ({ path, data: last.path === path ? last.data : null, error })),
    );
    return () => stop.abort();
  }, [path, round]);
  useEvents(
    useCallback(
      (event) => path && (event.kind === "again" || concerns(event)) && again(),
      [path, concerns],
    ),
  );
  const isCurrent = found.path === path;
  return {
    data: isCurrent ? found.data : null,
    error: isCurrent ? found.error : null,
    loading: Boolean(path) && !isCurrent,
    again,
  };
}
