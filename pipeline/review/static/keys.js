// The keyboard: Enter goes from doubt to doubt and loads after the last; everything has a key.

import { life } from "./life.js";
import { hasty } from "./onward.js";
import { say } from "./words.js";

const SPARE = 1000; // ms after an Esc that closed something: one more of it means that, too
const WORDY = new Set(["text", "address", "party", "identifier"]); // a question mark may belong in these

export function wireKeys(form, mine, { view, ask, live, lines, why, choices }) {
  const help = document.getElementById("help");
  const accept = document.getElementById("accept");
  const skip = document.getElementById("skip");
  const back = document.querySelector("[data-back]");
  const progress = document.getElementById("progress");
  const anyway = document.getElementById("load-anyway");
  const override = document.getElementById("override");
  const STOP = ".field.doubtful, .field.wrong, tr.doubtful, tr:has(td.wrong)";
  const todo = [...(form?.querySelectorAll(STOP) ?? [])];
  const all = [...(form?.querySelectorAll(".field") ?? [])];
  const seen = new Set();

  let closed = -SPARE; // when an Esc closed something, in ms since the page was opened
  const isSpare = (event) => event.repeat || event.timeStamp - closed < SPARE;

  const inputOf = (field) => field.querySelector("input:not([type=hidden]), textarea");
  const nameOf = (one) => one.dataset.field ?? `line.${one.dataset.origin}`;
  const left = () => todo.filter((field) => !seen.has(field));

  function go(element) {
    element.focus({ preventScroll: element.closest(".actions") !== null }); // the buttons are always in sight
    if (element.select) element.select();
    element.closest(".field, tr")?.scrollIntoView({ block: "nearest" });
  }

  function settle(field) {
    seen.add(field);
    field.classList.add("seen");
    if (progress) progress.textContent = left().length ? say("left", left().length) : say("seen");
  }

  function onward(field) {
    seen.add(field);
    const rest = left();
    const behind = rest.find((one) => todo.indexOf(one) > todo.indexOf(field));
    if (rest.length) return go(inputOf(behind ?? rest[0]));
    // the last doubt is settled: load. From a sure field only the button is offered.
    return todo.includes(field) ? load() : go(accept);
  }

  // Where something must be mended or a reason is wanted, the cursor goes there. What was typed last and is not judged
  // yet is sent at once: the server judges it anyway, and what it says comes back without leaving the page.
  function load() {
    const missing = live.judged() ? live.missing() : null;
    if (missing) return go(missing);
    live.sent();
    form.requestSubmit(accept);
  }
  form?.addEventListener("refused", (event) => {
    live.show(event.detail);
    if (live.judged()) go(live.missing() ?? accept); // else somebody types on
  });
  accept?.addEventListener("click", (event) => {
    event.preventDefault();
    if (!hasty(event)) load();
  });

  function inRow(target, act) {
    const row = target.closest?.("#rows tr");
    if (row) act(row);
    return Boolean(row);
  }

  function insist() {
    if (document.getElementById("against").hidden) return;
    if (!document.getElementById("override-box").hidden) return go(override);
    anyway.checked = !anyway.checked;
    go(accept);
  }

  // the field as it was read, or as it came back from the server
  function undo(target) {
    if (!target.matches?.("input, textarea") || !form.contains(target) || target.value === target.defaultValue) return;
    target.value = target.defaultValue;
    const place = target.closest(".field")?.querySelector(".place");
    if (place) place.value = place.defaultValue;
    target.dispatchEvent(new Event("input", { bubbles: true }));
    target.select();
  }

  function down(cell) {
    let row = cell.closest("tr").nextElementSibling;
    while (row?.classList.contains("said")) row = row.nextElementSibling;
    go(row ? inputOf(row.cells[cell.closest("td").cellIndex]) : accept);
  }

  // one of several things that a number stands beside
  const numbered = (target, number) => lines.settle([null, "replace", "append"][number] ?? "undo") || choices.take(target, number);

  form?.addEventListener("focusout", (event) => {
    const field = event.target.closest(STOP);
    if (field) settle(field);
  });

  // A form that comes back with an objection still knows what was looked at; what is wrong must be looked at again.
  const kept = document.getElementById("seen");
  const before = new Set(kept?.value.split(" "));
  for (const one of todo) if (before.has(nameOf(one)) && !one.matches(".wrong, :has(td.wrong)")) settle(one);
  form?.addEventListener("submit", () => { kept.value = [...seen].map(nameOf).join(" "); });

  const openHelp = () => {
    if (help.open) return;
    help.showModal();
    help.scrollTop = 0; // the button with the focus is the last thing in it
  };
  document.getElementById("help-button").addEventListener("click", openHelp);

  function enter(event) {
    if (event.target.closest?.(".field button") && !event.ctrlKey && !event.metaKey) return false; // it presses it
    const field = event.target.closest?.(".field");
    const cell = event.target.closest?.("#rows :is(input, textarea)");
    if (event.ctrlKey || event.metaKey) load();
    else if (event.target === override && !event.shiftKey) load();
    else if (field && event.shiftKey) {
      if (event.target.tagName === "TEXTAREA") return false;
      go(inputOf(all[Math.max(0, all.indexOf(field) - 1)]));
    } else if (field) onward(field);
    else if (cell && !event.shiftKey) todo.includes(cell.closest("tr")) ? onward(cell.closest("tr")) : down(cell);
    else return false;
    return true;
  }

  const asksForHelp = (event) => {
    if (event.key === "F1") return true;
    if (event.key !== "?") return false;
    const kind = event.target.dataset?.kind;
    return !event.target.matches?.("input, textarea, select") || (kind !== undefined && !WORDY.has(kind));
  };

  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && hasty(event)) return event.preventDefault();
    if (document.querySelector("dialog[open]")) {
      if (event.key === "Escape") closed = event.timeStamp;
      return ask.onKey(event);
    }
    const alt = event.altKey && !event.ctrlKey && !event.metaKey; // AltGr comes as both
    let taken = true;
    if (asksForHelp(event)) openHelp();
    else if (alt && event.code === "KeyZ") view.toggleZoom();
    else if (event.key === "PageUp" || event.key === "PageDown") view.scroll(event.key === "PageUp" ? -1 : 1);
    else if (alt && event.code === "KeyB" && back) back.form.requestSubmit(back);
    else if (alt && event.code === "KeyC") taken = ask.open("comment");
    else if (alt && event.code === "KeyG") document.getElementById("to-pages")?.click();
    else if (alt && event.code === "KeyW") taken = why?.ask(event.target) ?? false;
    else if (!mine) taken = alt && event.code === "KeyR" && ask.open("recall");
    else if (event.key === "Escape" && lines.wantsBox()) {
      lines.wantBox();
      closed = event.timeStamp;
    } else if (event.key === "Escape" && isSpare(event)) closed = event.timeStamp;
    else if (event.key === "Escape" || (alt && event.code === "KeyR")) ask.open("reject");
    else if (alt && event.code === "KeyS") form.requestSubmit(skip);
    else if (alt && event.code === "KeyP") ask.open("aside");
    else if (alt && event.code === "KeyA") insist();
    else if (alt && event.code === "KeyU") lines.settle("undo") || undo(event.target);
    else if (alt && event.code === "KeyL") lines.wantBox();
    else if (alt && /^Digit[1-9]$/.test(event.code)) taken = numbered(event.target, Number(event.code.at(-1)));
    else if (alt && event.code === "KeyT") document.getElementById("type").focus();
    else if (alt && event.code === "KeyN") lines.addRow();
    else if (alt && event.code === "KeyJ") taken = inRow(event.target, lines.joinRow);
    else if (alt && event.code === "KeyD") taken = inRow(event.target, lines.removeRow);
    else if (event.key === "Enter" && !event.altKey) {
      // a key held down must not run through the doubts
      if (event.repeat) return event.preventDefault();
      taken = enter(event);
    } else taken = false;
    if (taken) event.preventDefault();
  }, { signal: life.signal });

  if (ask.refused() || !mine) return;
  const wrong = form.querySelector("[aria-invalid=true]");
  const insisted = "refused" in form.dataset ? (live.missing() ?? accept) : null;
  const nothing = document.getElementById("found-none") && document.getElementById("type");
  go(wrong ?? insisted ?? nothing ?? (left().length ? inputOf(left()[0]) : accept));
}
