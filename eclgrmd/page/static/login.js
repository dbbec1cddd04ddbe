// Who one is, and the exchange of a token for a session.
import { html, useCallback, useState } from "./preact.js";
import { sendJson } from "./api.js";
import { Failure } from "./parts.js";

export const ROLES = ["anyone", "reader", "scientist", "operator"];

export function may(who, role) {
  return Boolean(who) && ROLES.indexOf(who.role) >= ROLES.indexOf(role);
}

export function Login({ onLogin }) {
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const login = useCallback(
    async (event) => {
      event.preventDefault();
      const field = event.target.elements.token;
      setBusy(true);
      setError(null);
      try {
        const who = await sendJson("POST", "login", { token: field.value.trim() });
        field.value = "";
        onLogin(who);
      } catch (problem) {
        setError(problem);
      } finally {
        setBusy(false);
      }
    },
    [onLogin],
  );
  return html`
    <form class="login" onSubmit=${login}>
      <h1>Log in</h1>
      <p>
        Paste your token. An operator makes one with <code>eclgrmd token create</code>. The browser
        keeps a session of at most 12 hours, not the token.
      </p>
      <label>Token <input name="token" type="password" autocomplete="current-password" required /></label>
      <button class="main" disabled=${busy}>Log in</button>
      <${Failure} error=${error} />
    </form>
  `;
}
