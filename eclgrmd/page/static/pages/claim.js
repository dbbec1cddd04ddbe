// Who takes this burst, so that the others can go back to sleep.
import { html, useCallback, useState } from "../preact.js";
import { path, sendJson } from "../api.js";
import { moment, utc } from "../format.js";
import { may } from "../login.js";
import { Ago, Failure } from "../parts.js";

export function useAct(onDone) {
  const [state, setState] = useState({ busy: false, error: null });
  const act = useCallback(
    async (work) => {
      setState({ busy: true, error: null });
      try {
        await work();
        setState({ busy: false, error: null });
        onDone();
      } catch (error) {
        setState({ busy: false, error });
      }
    },
    [onDone],
  );
  return { ...state, act };
}

export function Claim({ burst, who, onChange }) {
  const { busy, error, act } = useAct(onChange);
  const { claim } = burst;
  const isMine = claim?.by === who?.name;
  const where = path("bursts", burst.id, "claim");
  const take = (event) => {
    event.preventDefault();
    const note = event.target.elements.note.value.trim();
    act(() => sendJson("POST", where, { note, take_over: Boolean(claim) && !isMine }));
  };
  const said = claim
    ? html`<p class=${`said ${isMine ? "good" : "busy"}`}><strong>${isMine ? "You have" : `${claim.by} has`} this burst</strong> since ${utc(claim.at, { seconds: false })} (<${Ago} at=${moment(claim.at)} />)${claim.note ? `: ${claim.note}` : ""}</p>`
    : html`<p class="hint">Nobody has taken this burst.</p>`;
  if (!may(who, "scientist")) return said;
  return html`
    <form class="row claim" onSubmit=${take}>
      ${said}
      <label>Note to the others<input name="note" maxlength="500" placeholder="may be empty" /></label>
      <button class=${claim ? "" : "main"} disabled=${busy}>${isMine ? "Change the note" : claim ? `Take over from ${claim.by}` : "Take this burst"}</button>
      ${claim ? html`<button type="button" disabled=${busy} onClick=${() => act(() => sendJson("DELETE", where))}>Release</button>` : null}
    </form>
    <${Failure} error=${error} what="Not done" />
  `;
}
