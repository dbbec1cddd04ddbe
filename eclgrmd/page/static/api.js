// Requests to the REST interface. An error says what was wrong and what to do.
export const API = "/api/v1";
const LIMIT_MS = 60_000;

export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }

  get needsLogin() {
    return this.status === 401;
  }
}

export async function request(method, path, { body, signal } = {}) {
  const limit = AbortSignal.timeout(LIMIT_MS);
  const options = { method, signal: signal ? AbortSignal.any([signal, limit]) : limit };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { "Content-Type": "application/json" };
  }
  let response;
  try {
    response = await fetch(path.startsWith("/") ? path : `${API}/${path}`, options);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(0, "The daemon does not answer. Check the network; this page goes on trying.");
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

export async function getJson(path, options) {
  return (await request("GET", path, options)).json();
}

export async function getText(path, options) {
  return (await request("GET", path, options)).text();
}

export async function sendJson(method, path, body, options) {
  const response = await request(method, path, { ...options, body });
  return response.status === 204 ? null : response.json();
}

async function problemOf(response) {
  let detail = `${response.status} ${response.statusText}`;
  try {
    const said = await response.json();
    // A task that cannot be cancelled comes as itself.
    detail = said.detail ?? (said.state ? `the task is ${said.state} already` : detail);
  } catch {
    // A proxy's error has no problem document.
  }
  return new Problem(response.status, detail);
}

export function path(...parts) {
  return parts.map(encodeURIComponent).join("/");
}

export function withQuery(where, query) {
  const asked = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== undefined && each !== null && each !== "") asked.append(key, each);
    }
  }
  const text = asked.toString();
  return text ? `${where}?${text}` : where;
}
