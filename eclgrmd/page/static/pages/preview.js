// Previews while one drags: at most one request is on its way, and the newest wish goes next.
import { useEffect, useRef, useState } from "../preact.js";
import { path, sendJson } from "../api.js";

export function usePreview(burst, task, changes) {
  const [found, setFound] = useState({ preview: null, error: null, busy: false });
  const desk = useRef({ wanted: null, busy: false, stop: new AbortController() });
  const key = JSON.stringify(changes);

  useEffect(() => {
    const stop = new AbortController();
    desk.current.stop = stop;
    return () => stop.abort();
  }, []);
  useEffect(() => {
    if (key === "{}") {
      desk.current.wanted = null;
      setFound({ preview: null, error: null, busy: false });
      return;
    }
    desk.current.wanted = key;
    if (!desk.current.busy) work();
  }, [key]);

  async function work() {
    const { current } = desk;
    const { signal } = current.stop;
    current.busy = true;
    setFound((last) => ({ ...last, busy: true }));
    while (current.wanted !== null && !signal.aborted) {
      const wanted = current.wanted;
      current.wanted = null;
      const next = await ask(wanted, signal);
      if (signal.aborted) return;
      if (current.wanted === null) setFound({ ...next, busy: false });
      else setFound({ ...next, busy: true });
    }
    current.busy = false;
    setFound((last) => ({ ...last, busy: false }));
  }

  async function ask(wanted, signal) {
    const body = { task, configuration: JSON.parse(wanted) };
    try {
      return { preview: await sendJson("POST", path("bursts", burst, "preview"), body, { signal }), error: null };
    } catch (error) {
      return { preview: null, error };
    }
  }

  return found;
}
