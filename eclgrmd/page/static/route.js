// Where in the page we are: `#/name/id/more?query`, so that every view has an address to share.
import { useEffect, useState } from "./preact.js";

const FIRST = "bursts";

export function parse(hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [name = "", id = "", more = ""] = path.split("/").map(decodeURIComponent);
  return { name: name || FIRST, id, more, query: new URLSearchParams(query) };
}

export function address(name, id = "", query = {}, more = "") {
  const path = [name, id, more].filter(Boolean).map(encodeURIComponent).join("/");
  const asked = new URLSearchParams(
    Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined),
  ).toString();
  return `#/${path}${asked ? `?${asked}` : ""}`;
}

// Changes keys of the query without a new entry in the history; an empty value removes a key.
export function setQuery(changes) {
  const { name, id, more, query } = parse(location.hash);
  const next = { ...Object.fromEntries(query), ...changes };
  history.replaceState(null, "", address(name, id, next, more));
  window.dispatchEvent(new HashChangeEvent("hashchange"));
}

export function useRoute() {
  const [route, setRoute] = useState(() => parse(location.hash));
  useEffect(() => {
    const changed = () => setRoute(parse(location.hash));
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, []);
  return route;
}
