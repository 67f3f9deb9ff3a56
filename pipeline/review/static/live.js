// The checks as one types: the server's own code judges the form, and says it beside the fields.

import { life } from "./life.js";
import { say } from "./words.js";

const PAUSE = 350; // ms without a key before the form is sent

export function wireLive(form, csrf) {
  const against = document.getElementById("against");
  const list = document.getElementById("against-list");
  const because = document.getElementById("override");
  const anyway = document.getElementById("load-anyway");
  const status = document.getElementById("live");
  const fields = new Map([...form.querySelectorAll(".field")].map((field) => [field.dataset.field, field]));
  const inputOf = (field) => field.querySelector("input:not([type=hidden]), textarea");
  const rows = () => [...document.querySelectorAll("#rows tr:not(.said)")];
  const plain = (text) => text.replaceAll("\u00a0", " ").trim(); // a blank is a blank
  let timer = null;
  let running = null;
  let wanted = false;
  let judged = true; // what the page says is of what stands in the form

  function typed() {
    const values = {};
    for (const [name, field] of fields) values[name] = inputOf(field).value;
    const body = { values };
    const type = form.elements.type?.value;
    if (type) body.type = type;
    if (form.elements.lines) {
      body.line_items = rows().map((row) => {
        const cells = {};
        for (const input of row.querySelectorAll("input, textarea")) cells[input.dataset.column ?? input.name.split(".")[2]] = input.value;
        if (cells.origin !== undefined) cells.origin = Number(cells.origin);
        return cells;
      });
    }
    return body;
  }

  async function ask() {
    clearTimeout(timer);
    timer = null;
    wanted = false;
    try {
      const answer = await fetch(`/api/documents/${form.dataset.document}/check`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf() },
        body: JSON.stringify(typed()),
        signal: AbortSignal.any([AbortSignal.timeout(5000), life.signal]),
      });
      if (answer.ok) show(await answer.json());
    } catch {
      // the server judges again when the form is sent
    }
  }

  function run() {
    running ??= ask().finally(() => {
      running = null;
      if (wanted && timer === null) timer = setTimeout(run, PAUSE);
    });
    return running;
  }

  function show(said) {
    if (wanted || !form.isConnected) return; // there is newer text already, or another document
    judged = true;
    const messages = new Set(said.findings.map((one) => one.message));
    const here = new Set(); // an objection that names several fields is spelt out at the first
    for (const [name, field] of fields) {
      const input = inputOf(field);
      const found = said.against.find((one) => one.fields.includes(name));
      const problem = said.problems[name] ?? found?.message;
      const doubt = field.querySelector("[data-finding]");
      if (doubt) doubt.hidden = !messages.has(doubt.dataset.finding) || said.problems[name] !== undefined;
      const empty = field.querySelector(".proof[data-empty]"); // that nothing was found is over once something stands there
      if (empty) empty.hidden = input.value.trim() !== "";
      const server = field.querySelector(".hint > .problem");
      if (server) server.hidden = true; // it spoke of what was sent before
      const live = field.querySelector(".live");
      const repeated = doubt && !doubt.hidden && doubt.dataset.finding === problem;
      const understood = said.shown[name];
      const changed = input.value.trim() !== input.defaultValue.trim();
      field.classList.toggle("wrong", problem !== undefined && !repeated);
      if (said.problems[name] !== undefined) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
      if (problem !== undefined && !repeated) live.textContent = here.has(problem) ? say("same") : problem;
      else if (changed && understood !== undefined && plain(understood) !== plain(input.value)) live.textContent = say("understood", understood);
      else live.textContent = "";
      live.classList.toggle("problem", problem !== undefined && !repeated);
      live.hidden = !live.textContent;
      if (problem !== undefined) here.add(problem);
    }
    rows().forEach((row, number) => {
      for (const cell of row.cells) {
        const input = cell.querySelector("input:not([type=hidden]), textarea");
        const column = input && (input.dataset.column ?? input.name.split(".")[2]);
        const problem = said.problems[`line_items.${number}.${column}`];
        cell.classList.toggle("wrong", problem !== undefined);
        cell.title = problem ?? "";
      }
    });
    paragraphs(document.getElementById("lines-said"), said.findings.filter((one) => one.severity !== "info" && one.fields.includes("line_items")).map((one) => one.message), "p", "doubt");
    for (const one of document.querySelectorAll("#rows tr.said")) one.remove();
    sum(said.lines);
    const errors = said.against.some((one) => one.severity === "error");
    paragraphs(list, said.against.map((one) => one.message), "li", "");
    against.hidden = !said.against.length;
    if (against.hidden) { // a reason speaks of what stood there: it must not hold for what comes next
      because.value = "";
      anyway.checked = false;
    }
    document.getElementById("override-box").hidden = !errors;
    document.getElementById("anyway-box").hidden = errors;
    status.textContent = said.told;
  }

  // what the rows come to, and how far that is from the net total above
  function sum(lines) {
    const line = document.getElementById("lines-sum");
    if (!line) return;
    line.hidden = !lines;
    if (!lines) return;
    const differs = lines.difference !== null && Number(lines.difference) !== 0;
    line.classList.toggle("off", differs);
    line.textContent = lines.told;
  }

  function paragraphs(holder, messages, tag, name) {
    holder?.replaceChildren(...messages.map((message) => {
      const one = document.createElement(tag);
      one.className = name;
      one.textContent = message;
      return one;
    }));
  }

  function touch(event) {
    if (event.target === because || event.target.type === "checkbox") return;
    wanted = true;
    judged = false;
    event.target.removeAttribute?.("aria-invalid"); // it is judged anew
    clearTimeout(timer);
    timer = setTimeout(run, PAUSE);
  }
  form.addEventListener("input", touch);
  form.addEventListener("rows-changed", touch);

  return {
    // whether the server has judged what stands in the form now; it may not have answered
    judged: () => judged,
    // the form is sent: the server judges it with that
    sent() {
      clearTimeout(timer);
      timer = null;
      wanted = false;
    },
    show,
    // what must be mended, written or ticked before it can load; null: nothing
    missing() {
      const wrong = form.querySelector(".field [aria-invalid=true]");
      if (wrong) return wrong;
      if (against.hidden) return null;
      if (!document.getElementById("override-box").hidden) return because.value.trim() ? null : because;
      return anyway.checked ? null : anyway;
    },
  };
}
