// Holding the document while somebody sits before it, and telling when it was lost. What was typed stays in the form.

import { life } from "./life.js";
import { say } from "./words.js";

// Give a document back that is left. ``until`` names the lease: what was opened again meanwhile, as by a reload, stays.
export function giveBack(id, until, csrf) {
  const address = `/api/documents/${id}/release?until=${encodeURIComponent(until)}`;
  fetch(address, { method: "POST", headers: { "X-CSRF-Token": csrf }, keepalive: true }).catch(() => {}); // it runs out
}

export function wireBeat(form, csrf) {
  const lost = document.getElementById("lost");
  const lease = Number(form.dataset.lease) * 1000;
  const every = Math.max(500, lease / 3);
  const version = Number(form.elements.version.value);
  let active = Date.now(); // a page that nobody sits before must not hold the document, nor the session
  let asked = Date.now();
  let out = false;
  let until = form.dataset.until;
  let typed = "typed" in form.dataset;

  function tell(text) {
    const place = lost.querySelector("span");
    if (place.textContent !== (text ?? "")) place.textContent = text ?? "";
    lost.hidden = !text;
    if (text) lost.scrollIntoView({ block: "nearest" });
  }

  async function renew() {
    const answer = await fetch("/me/session", { redirect: "error", signal: AbortSignal.timeout(5000) });
    const now = await answer.json();
    const before = document.querySelector(".who .name").title;
    if (!before.endsWith(`, ${now.name}`)) return tell(say("stranger"));
    for (const input of document.querySelectorAll("input[name=csrf]")) input.value = now.csrf;
    out = false;
  }

  async function beat() {
    asked = Date.now();
    try {
      if (out) await renew();
      const answer = await fetch(`/api/documents/${form.dataset.document}/claim`, {
        method: "POST",
        headers: { "X-CSRF-Token": csrf() },
        signal: AbortSignal.timeout(5000),
      });
      if (answer.status === 401 || answer.status === 409) {
        out = true;
        return tell(say("out"));
      }
      if (answer.status === 404 || answer.status === 403) return tell(say("forbidden"));
      if (!answer.ok) throw new Error(String(answer.status));
      said(await answer.json());
    } catch {
      tell(say(out ? "out" : "silent"));
    }
  }

  function said(now) {
    if (document.body.dataset.sent) return;
    if (now.state === "loaded" || now.state === "rejected") tell(say(now.state));
    else if (!now.held && now.held_by) tell(say("holder", now.who));
    else if (!now.held) tell(say("unheld"));
    else if (now.version !== version) tell(say("changed"));
    else tell(null);
    until = now.until;
  }

  // who typed something may come back to it
  for (const kind of ["input", "change", "rows-changed"]) form.addEventListener(kind, () => { typed = true; });
  addEventListener("pagehide", () => {
    if (until && !typed && !out && !document.body.dataset.sent) giveBack(form.dataset.document, until, csrf());
  }, { signal: life.signal });

  const here = () => {
    active = Date.now();
    if (active - asked > every) beat();
  };
  for (const kind of ["keydown", "pointerdown", "wheel", "pointermove"]) addEventListener(kind, here, { passive: true, signal: life.signal });
  addEventListener("focus", here, { signal: life.signal });
  document.addEventListener("visibilitychange", () => document.hidden || here(), { signal: life.signal });
  life.every(() => { if (Date.now() - active < lease && Date.now() - asked >= every * 0.9) beat(); }, every);
}
