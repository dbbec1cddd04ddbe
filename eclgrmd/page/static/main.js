// The frame of the page: navigation, connection, login, and the view that the address names.
import { html, render, useCallback, useEffect, useState } from "./preact.js";
import { getJson, sendJson } from "./api.js";
import { span } from "./format.js";
import { start, useConnection } from "./live.js";
import { Login } from "./login.js";
import { Bursts } from "./pages/bursts.js";
import { Failure, useNow, Wait } from "./parts.js";
import { address, useRoute } from "./route.js";

// Views that the first one does not need are loaded when they are asked for.
const LATER = {
  burst: () => import("./pages/burst.js").then((module) => module.BurstPage),
  task: () => import("./pages/task.js").then((module) => module.TaskPage),
  service: () => import("./pages/service.js").then((module) => module.ServicePage),
};
const THEMES = { "": "Auto", light: "Light", dark: "Dark" };
const RETRY_MS = 3000;

function useWho() {
  const [found, setFound] = useState({ who: null, error: null });
  const [round, setRound] = useState(0);
  useEffect(() => {
    let timer = 0;
    getJson("login").then(
      (who) => setFound({ who, error: null }),
      (error) => {
        setFound((last) => ({ who: error.needsLogin ? null : last.who, error }));
        if (!error.needsLogin) timer = setTimeout(() => setRound((last) => last + 1), RETRY_MS);
      },
    );
    return () => clearTimeout(timer);
  }, [round]);
  const setWho = useCallback((who) => setFound({ who, error: null }), []);
  return { ...found, setWho, again: useCallback(() => setRound((last) => last + 1), []) };
}

function Connection() {
  const { name, since, outage, upgraded } = useConnection();
  const now = useNow(1000);
  const clock = (at) => new Date(at).toISOString().slice(11, 19);
  let said = "Connecting…";
  if (name === "lost") said = `Connection lost ${span(now - since)} ago; trying again`;
  if (name === "live") said = "Live";
  if (name === "live" && outage) {
    said = `Live; caught up at ${clock(outage.until)} UTC after ${span(outage.until - outage.from)} without connection`;
  }
  return html`
    <p class="connection ${name}" role="status">${said}</p>
    ${upgraded
      ? html`<p class="said warn" role="alert">
          The service was upgraded.
          <button type="button" onClick=${() => location.reload()}>Load the new page</button>
        </p>`
      : null}
  `;
}

function useTheme() {
  const [theme, setTheme] = useState(localStorage.getItem("theme") ?? "");
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem("theme", theme);
    window.dispatchEvent(new Event("themechange"));
  }, [theme]);
  return [theme, setTheme];
}

function Head({ route, who, onLogout }) {
  const [theme, setTheme] = useTheme();
  const entry = (name, text) =>
    html`<a href=${address(name)} aria-current=${route.name === name ? "page" : undefined}>${text}</a>`;
  return html`
    <header>
      <a class="skip" href="#main" onClick=${(event) => {
        event.preventDefault();
        document.getElementById("main").focus();
      }}>To the content</a>
      <nav aria-label="Pages">
        <a class="name" href=${address("bursts")}>eclgrmd</a>
        ${entry("bursts", "Bursts")} ${entry("service", "Service")}
        <a href="/api">API</a>
      </nav>
      <label class="theme"><span>Theme</span>
        <select value=${theme} onChange=${(event) => setTheme(event.target.value)}>
          ${Object.entries(THEMES).map(([value, text]) => html`<option value=${value}>${text}</option>`)}
        </select>
      </label>
      ${who ? html`<span class="who">${who.name} (${who.role}) ${who.name === "local" ? null : html`<button type="button" onClick=${onLogout}>Log out</button>`}</span>` : null}
    </header>
  `;
}

function View({ route, who }) {
  const [views, setViews] = useState({ bursts: Bursts });
  const [error, setError] = useState(null);
  const known = route.name === "bursts" || route.name in LATER;
  useEffect(() => {
    setError(null);
    if (views[route.name] || !known) return;
    LATER[route.name]().then(
      (view) => setViews((last) => ({ ...last, [route.name]: view })),
      () => setError(new Error("this part of the page could not be loaded: reload the page")),
    );
  }, [route.name]);
  if (!known) {
    return html`<h1>Nothing here</h1>
      <p>This address names no view. <a href=${address("bursts")}>All bursts</a></p>`;
  }
  if (error) return html`<${Failure} error=${error} />`;
  const Chosen = views[route.name];
  return Chosen ? html`<${Chosen} key=${route.name + route.id} route=${route} who=${who} />` : html`<${Wait} what="view" />`;
}

function Page() {
  const route = useRoute();
  const { who, error, setWho, again } = useWho();
  useEffect(() => {
    if (who) start();
  }, [who]);
  useEffect(() => {
    document.title = `${route.id || route.name} · eclgrmd`;
  }, [route.id, route.name]);
  const logout = useCallback(async () => {
    await sendJson("POST", "logout", {});
    again();
  }, [again]);
  let content = html`<${Wait} what="page" />`;
  if (who) content = html`<${View} route=${route} who=${who} />`;
  else if (error?.needsLogin) content = html`<${Login} onLogin=${setWho} />`;
  else if (error) content = html`<${Failure} error=${error} />`;
  return html`
    <${Head} route=${route} who=${who} onLogout=${logout} />
    ${who ? html`<${Connection} />` : null}
    <main id="main" tabindex="-1">${content}</main>
  `;
}

render(html`<${Page} />`, document.getElementById("page"));
