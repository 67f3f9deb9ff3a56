// What a look at a document costs: seconds, keys and clicks, by field; never what was typed. Sent with the decision.

import { life } from "./life.js";

const IDLE = 120_000; // ms; longer silence is not work on this document

export function wireEffort(form) {
  const kept = document.getElementById("effort");
  const total = { seconds: 0, keystrokes: 0, clicks: 0, fields: {} };
  if (kept?.value) Object.assign(total, JSON.parse(kept.value));
  let last = performance.now();
  let at = null;

  const nameOf = (target) => target?.closest?.(".field")?.dataset.field ?? (target?.closest?.("#rows") ? "line_items" : null);
  const of = (name) => (total.fields[name] ??= { seen: false, changed: false, seconds: 0, keystrokes: 0 });

  // time passes for the field that has the cursor
  function tick() {
    const now = performance.now();
    const seconds = document.hidden ? 0 : Math.min(now - last, IDLE) / 1000;
    last = now;
    total.seconds += seconds;
    if (at !== null) of(at).seconds += seconds;
  }

  document.addEventListener("focusin", (event) => {
    tick();
    at = nameOf(event.target);
    if (at !== null) of(at).seen = true;
  }, { signal: life.signal });
  document.addEventListener("keydown", (event) => {
    tick();
    if (event.repeat || ["Shift", "Control", "Alt", "Meta", "AltGraph"].includes(event.key)) return;
    total.keystrokes += 1;
    if (at !== null) of(at).keystrokes += 1;
  }, { capture: true, signal: life.signal });
  document.addEventListener("pointerdown", () => { tick(); total.clicks += 1; }, { capture: true, signal: life.signal });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return tick(); // counted up to here
    last = performance.now();
  }, { signal: life.signal });
  form.addEventListener("input", (event) => {
    const name = nameOf(event.target);
    if (name !== null) of(name).changed = true;
  });

  const round = (number) => Math.round(Math.min(number, 86_400) * 10) / 10;
  addEventListener("submit", (event) => {
    const place = event.target.elements?.effort;
    if (!place) return;
    tick();
    const fields = {};
    for (const [name, one] of Object.entries(total.fields)) fields[name] = { ...one, seconds: round(one.seconds) };
    place.value = JSON.stringify({ ...total, seconds: round(total.seconds), fields });
  }, { capture: true, signal: life.signal });
}
