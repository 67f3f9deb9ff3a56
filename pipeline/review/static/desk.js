// The desk of one document: wires the page view, the line items and the keys together.
import { makeView } from "./view.js";
import { wireLines } from "./lines.js";
import { wireKeys } from "./keys.js";

const form = document.getElementById("form");
const mine = form !== null && "mine" in form.dataset;
const view = makeView(document.getElementById("pages"));

form?.addEventListener("focusin", (event) => {
  const holder = event.target.closest("[data-field], [data-line]");
  if (holder) view.show(holder.dataset.field ? `[data-for="${holder.dataset.field}"]` : `[data-for-line="${holder.dataset.line}"]`);
});
view.onPick((name) => document.getElementById(`f-${name}`)?.focus());

wireLines(document.getElementById("rows"), document.getElementById("new-row"), document.getElementById("add-row"));
wireKeys(form, mine, view);

// A decision is sent once, however often the button is pressed.
for (const one of document.querySelectorAll("form[method=post]")) {
  one.addEventListener("submit", (event) => {
    if (document.body.dataset.sent) return event.preventDefault();
    document.body.dataset.sent = "1";
  });
}
// The browser may show a kept copy after "back"; only the server knows what became of the document.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

const type = document.getElementById("type");
const retype = document.getElementById("retype");
if (retype) {
  retype.hidden = true;
  type.addEventListener("change", () => type.form.requestSubmit());
}
