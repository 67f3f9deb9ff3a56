// The desk of one document: wires the page view, the line items, the checks, the lease and the keys together.
import { makeView } from "./view.js";
import { wireLines } from "./lines.js";
import { wireKeys } from "./keys.js";
import { wireAsk } from "./ask.js";
import { wireLive } from "./live.js";
import { wireBeat } from "./beat.js";
import { wireEffort } from "./effort.js";
import { wireCapture, wireGlow } from "./capture.js";
import { wireChoices } from "./choices.js";
import { wireWhy } from "./why.js";
import { wireHistory } from "./history.js";
import { wireOnward } from "./onward.js";
import { localTimes } from "./times.js";

const csrf = () => document.querySelector("input[name=csrf]").value; // renewed when one signs in again elsewhere
const onward = wireOnward(begin);

// for every document that is shown; see life.js for what must end with it
function begin() {
  localTimes(document);
  const form = document.getElementById("form");
  const mine = form !== null && "mine" in form.dataset;
  const pane = document.getElementById("pages");
  const view = makeView(pane);

  form?.addEventListener("focusin", (event) => {
    const holder = event.target.closest("[data-field], [data-line]");
    if (holder) view.show(holder.dataset.field ? `[data-for="${holder.dataset.field}"]` : `[data-for-line="${holder.dataset.line}"]`);
  });
  view.onPick((name) => document.getElementById(`f-${name}`)?.focus());

  const lines = wireLines(form, pane, csrf);
  const ask = wireAsk(csrf);
  const live = mine ? wireLive(form, csrf) : null;
  let choices = null;
  if (mine) {
    wireEffort(form);
    wireBeat(form, csrf);
    choices = wireChoices(form, wireCapture(form, pane, csrf, view, lines).put);
  }
  if (form) wireGlow(form, pane);
  const why = form ? wireWhy(form, pane) : null;
  wireKeys(form, mine, { view, ask, live, lines, why, choices });

  const type = document.getElementById("type");
  const retype = document.getElementById("retype");
  if (retype) {
    retype.hidden = true;
    type.addEventListener("change", () => type.form.requestSubmit());
  }
  wireHistory(document.getElementById("history"));
  if (mine) onward.ahead(form.dataset.document);
}
begin();
