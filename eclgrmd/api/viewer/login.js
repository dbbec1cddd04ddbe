// The page that exchanges a token for the cookie of a session.
const said = document.getElementById("said");
const token = document.getElementById("token");

async function post(path, body) {
  const options = { method: "POST", headers: { "Content-Type": "application/json" } };
  return fetch(path, { ...options, body: JSON.stringify(body) });
}

async function show() {
  const answer = await fetch("/api/v1/login");
  const who = answer.ok ? await answer.json() : null;
  said.textContent = who ? `You are ${who.name}, with the role ${who.role}.` : "You are not logged in.";
}

document.getElementById("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await post("/api/v1/login", { token: token.value.trim() });
  token.value = "";
  if (answer.ok) await show();
  else said.textContent = (await answer.json()).detail;
});
document.getElementById("logout").addEventListener("click", async () => {
  await post("/api/v1/logout", {});
  await show();
});
show();
