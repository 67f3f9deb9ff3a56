// The pages of a document as small pictures: turned, split, joined, moved, left out; by keys, buttons or dragging.
// What is wanted stands in `piles`, one a new document; nothing happens before it is sent and confirmed.

import { giveBack } from "./beat.js";

const box = document.getElementById("sheets");
const texts = box.dataset;
const own = Number(texts.document);
const mine = "mine" in texts;
const form = document.getElementById("pages-form");
const summary = document.getElementById("summary");
const lost = document.getElementById("lost");
const sources = new Map(); // id -> {id, name, version, pages}
const views = new Map(); // key of a page here -> its element
const past = []; // what was before each step
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
const csrf = () => form.elements.csrf.value;

let piles = []; // of {key, source, number, turn, dropped}
let uses = new Map(); // how often a page is used, by its document and number
let keys = 0;
let current = null; // the key of the page that is marked

// ---- what is wanted

const page = (source, number, turn = 0) => ({ key: ++keys, source, number, turn, dropped: false });
const all = () => piles.flat();
const used = () => piles.map((pile) => pile.filter((one) => !one.dropped)).filter((pile) => pile.length);

function place(key) {
  for (const [index, pile] of piles.entries()) {
    const at = pile.findIndex((one) => one.key === key);
    if (at >= 0) return [index, at];
  }
  return null;
}

function begin() {
  for (const one of JSON.parse(texts.sources)) sources.set(one.id, one);
  const wish = JSON.parse(texts.wish);
  const first = sources.get(own);
  if (!wish) {
    piles = [first.pages.map(([number]) => page(own, number))];
    return;
  }
  piles = wish.outputs.map((output) => output.filter((one) => sources.has(one.source)).map((one) => page(one.source, one.number, one.turn)));
  const there = new Set(all().map((one) => `${one.source} ${one.number}`));
  for (const source of sources.values()) { // what was left out stands at the end, to be taken in again
    const missing = source.pages.filter(([number]) => !there.has(`${source.id} ${number}`)).map(([number]) => ({ ...page(source.id, number), dropped: true }));
    if (!piles.length) piles.push([]);
    piles.at(-1).push(...missing);
  }
  piles = piles.filter((pile) => pile.length);
}

// ---- what is shown

function label(one, index, at) {
  const name = sources.get(one.source).name;
  const parts = [fill(texts.page, { number: one.number, name }), fill(texts.moved, { place: at + 1, count: piles[index].length, pile: index + 1 })];
  return [...parts, ...marks(one)].join(", ");
}

function marks(one) {
  const said = [];
  if (one.turn) said.push(fill(texts.turned, { turn: one.turn }));
  if (one.dropped) said.push(texts.dropped);
  else if (uses.get(`${one.source} ${one.number}`) > 1) said.push(texts.copied);
  return said;
}

function viewOf(one) {
  let item = views.get(one.key);
  if (item) return item;
  item = document.getElementById("sheet-template").content.firstElementChild.cloneNode(true);
  item.dataset.key = one.key;
  item.draggable = mine;
  const picture = item.querySelector("img");
  const [, width, height] = sources.get(one.source).pages.find(([number]) => number === one.number);
  picture.width = 240;
  picture.height = Math.max(1, Math.round(240 * height / width));
  picture.src = `/documents/${one.source}/pages/${one.number}/small.png`;
  views.set(one.key, item);
  return item;
}

function show({ focus = false } = {}) {
  uses = new Map();
  for (const one of all()) if (!one.dropped) uses.set(`${one.source} ${one.number}`, (uses.get(`${one.source} ${one.number}`) ?? 0) + 1);
  const several = sources.size > 1;
  const made = piles.map((pile, index) => {
    const section = box.children[index] ?? box.appendChild(document.getElementById("pile-template").content.firstElementChild.cloneNode(true));
    const heading = section.querySelector("h2");
    heading.textContent = fill(texts.pile, { number: index + 1 });
    const list = section.querySelector("ol");
    list.setAttribute("aria-label", fill(texts.pileLabel, { number: index + 1 }));
    section.classList.toggle("empty-pile", pile.every((one) => one.dropped));
    const items = pile.map((one, at) => {
      const item = viewOf(one);
      const button = item.querySelector(".paper"); // no button: Firefox would not let it be dragged
      button.setAttribute("aria-label", label(one, index, at));
      button.tabIndex = one.key === current ? 0 : -1;
      if (one.key === current) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
      item.dataset.turn = one.turn;
      item.classList.toggle("dropped", one.dropped);
      item.querySelector(".caption").textContent = several ? `${one.number} · ${sources.get(one.source).name}` : one.number;
      item.querySelector(".marks").textContent = [...(one.turn ? [`↻ ${one.turn}°`] : []), ...marks({ ...one, turn: 0 })].join(", ");
      return item;
    });
    // only what moved is touched: a picture that leaves the page is fetched again
    items.forEach((item, at) => { if (list.children[at] !== item) list.insertBefore(item, list.children[at] ?? null); });
    while (list.children.length > items.length) list.lastElementChild.remove();
    return section;
  });
  while (box.children.length > made.length) box.lastElementChild.remove();
  if (focus) views.get(current)?.querySelector(".paper").focus();
  if (mine) count();
}

function count() {
  const number = used().length;
  const unchanged = isUnchanged();
  summary.textContent = !number ? texts.empty : unchanged ? texts.nothing : number === 1 ? texts.countOne : fill(texts.count, { count: number });
  document.getElementById("apply").disabled = !number || unchanged;
}

function isUnchanged() {
  const outputs = used();
  if (outputs.length !== 1) return false;
  const first = sources.get(own).pages;
  return outputs[0].length === first.length && outputs[0].every((one, at) => one.source === own && one.number === first[at][0] && !one.turn);
}

function mark(key, { focus = true } = {}) {
  current = key;
  show({ focus });
}

function tell(text) {
  lost.querySelector("span").textContent = text ?? "";
  lost.hidden = !text;
}

// ---- steps

const copyOf = () => ({ piles: piles.map((pile) => pile.map((one) => ({ ...one }))), current });

function step(change) {
  const before = copyOf();
  const at = place(current);
  if (!at || change(...at) === false) return;
  piles = piles.filter((pile) => pile.length);
  past.push(before);
  if (past.length > 200) past.shift();
  const focused = document.activeElement?.closest(".thumb") !== null || document.activeElement === document.body;
  show({ focus: focused });
  if (!focused && place(current)) summary.textContent = label(piles[place(current)[0]][place(current)[1]], ...place(current));
}

const steps = {
  turn: (index, at, event) => { piles[index][at].turn = (piles[index][at].turn + (event?.shiftKey ? 270 : 90)) % 360; },
  drop: (index, at) => { piles[index][at].dropped = !piles[index][at].dropped; },
  split: (index, at) => {
    if (at) piles.splice(index, 1, piles[index].slice(0, at), piles[index].slice(at));
    else if (index) piles.splice(index - 1, 2, [...piles[index - 1], ...piles[index]]);
    else return false;
  },
  copy: (index, at) => {
    const again = { ...piles[index][at], key: ++keys, dropped: false };
    piles[index].splice(at + 1, 0, again);
    current = again.key;
  },
  before: (index, at) => {
    if (at) piles[index].splice(at - 1, 0, ...piles[index].splice(at, 1));
    else if (index) piles[index - 1].push(piles[index].shift());
    else return false;
  },
  after: (index, at) => {
    if (at < piles[index].length - 1) piles[index].splice(at + 1, 0, ...piles[index].splice(at, 1));
    else if (index < piles.length - 1) piles[index + 1].unshift(piles[index].pop());
    else return false;
  },
  up: (index, at) => {
    if (!index) return false;
    piles[index - 1].push(...piles[index].splice(at, 1));
  },
  down: (index, at) => {
    if (index === piles.length - 1 && piles[index].length === 1) return false;
    const [one] = piles[index].splice(at, 1);
    if (index === piles.length - 1) piles.push([one]);
    else piles[index + 1].unshift(one);
  },
};

function act(name, event) {
  if (name === "undo") {
    const before = past.pop();
    if (!before) return;
    ({ piles, current } = before);
    return show({ focus: document.activeElement?.closest("#tools-bar") === null });
  }
  step((index, at) => steps[name](index, at, event));
}

// ---- moving about

function beside(name) {
  const order = all();
  const at = order.findIndex((one) => one.key === current);
  if (name === "ArrowLeft") return order[at - 1];
  if (name === "ArrowRight") return order[at + 1];
  if (name === "Home") return order[0];
  if (name === "End") return order.at(-1);
  // up and down: the nearest page of the nearest row
  const from = views.get(current).getBoundingClientRect();
  const down = name === "ArrowDown";
  let best = null;
  for (const one of order) {
    const there = views.get(one.key).getBoundingClientRect();
    const away = down ? there.top - from.top : from.top - there.top;
    if (away < from.height / 2) continue;
    const far = away * 1000 + Math.abs(there.left - from.left);
    if (!best || far < best.far) best = { one, far };
  }
  return best?.one;
}

const KEYS = { r: "turn", R: "turn", Delete: "drop", Backspace: "drop", s: "split", S: "split", d: "copy", D: "copy" };
const MOVES = { ArrowLeft: "before", ArrowRight: "after", ArrowUp: "up", ArrowDown: "down" };

document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const open = document.querySelector("dialog[open]");
  const typing = event.target.matches?.("input:not([type=hidden]), textarea, select");
  if (event.key === "F1" || (event.key === "?" && !typing)) {
    event.preventDefault();
    if (!open) document.getElementById("help").showModal();
    return;
  }
  if (open || typing) return;
  const inSheets = event.target.closest?.(".thumb") || event.target === document.body;
  const alt = event.altKey && !event.ctrlKey && !event.metaKey;
  const bare = !event.altKey && !event.ctrlKey && !event.metaKey;
  let taken = true;
  if (!mine) {
    if (bare && inSheets && /^(Arrow|Home|End)/.test(event.key)) return void (go(event.key), event.preventDefault());
    return;
  }
  if (alt && MOVES[event.key]) act(MOVES[event.key]);
  else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") act("undo");
  else if (bare && inSheets && /^(Arrow|Home|End)/.test(event.key)) go(event.key);
  else if (bare && KEYS[event.key] && (inSheets || event.key.length === 1)) act(KEYS[event.key], event);
  else if (bare && event.key.toLowerCase() === "a") openAdd();
  else if (bare && event.key === "Escape") document.getElementById("away").click();
  else if (bare && event.key === "Enter" && inSheets && !event.repeat) confirmFirst();
  else taken = false;
  if (taken) event.preventDefault();
});

function go(name) {
  const next = beside(name);
  if (next) mark(next.key);
}

box.addEventListener("focusin", (event) => {
  const key = Number(event.target.closest(".thumb")?.dataset.key);
  if (key && key !== current) mark(key, { focus: false });
});
box.addEventListener("click", (event) => {
  const key = Number(event.target.closest(".thumb")?.dataset.key);
  if (key) mark(key);
});
for (const button of document.querySelectorAll("[data-do]")) button.addEventListener("click", (event) => act(button.dataset.do, event));
document.getElementById("help-button").addEventListener("click", () => document.getElementById("help").showModal());
for (const button of document.querySelectorAll("[data-close]")) button.addEventListener("click", () => button.closest("dialog").close());

// ---- dragging

let dragged = null;
if (mine) {
  box.addEventListener("dragstart", (event) => {
    const item = event.target.closest(".thumb");
    if (!item) return;
    dragged = Number(item.dataset.key);
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    item.classList.add("dragged");
  });
  box.addEventListener("dragover", (event) => {
    if (dragged === null) return;
    event.preventDefault();
    const there = target(event);
    for (const one of box.querySelectorAll(".drop-before, .drop-after")) one.classList.remove("drop-before", "drop-after");
    there?.item?.classList.add(there.behind ? "drop-after" : "drop-before");
  });
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    const there = target(event);
    if (dragged !== null && there) drop(there);
  });
  box.addEventListener("dragend", () => {
    dragged = null;
    for (const one of box.querySelectorAll(".dragged, .drop-before, .drop-after")) one.classList.remove("dragged", "drop-before", "drop-after");
  });
}

function target(event) {
  const item = event.target.closest?.(".thumb");
  if (item) {
    const there = item.getBoundingClientRect();
    return { item, key: Number(item.dataset.key), behind: event.clientX > there.left + there.width / 2 };
  }
  const section = event.target.closest?.(".pile");
  return section ? { pile: [...box.children].indexOf(section) } : null;
}

function drop(there) {
  current = dragged;
  step((index, at) => {
    if (there.key === dragged) return false;
    const [one] = piles[index].splice(at, 1);
    if (there.key === undefined) piles[there.pile].push(one);
    else {
      const [pile, before] = place(there.key);
      piles[pile].splice(before + (there.behind ? 1 : 0), 0, one);
    }
  });
  mark(current);
}

// ---- pages of other documents

const addDialog = document.getElementById("add-dialog");
const query = document.getElementById("add-q");
const found = document.getElementById("add-found");
const addSaid = document.getElementById("add-said");
let asking = 0;

function openAdd() {
  addDialog.showModal();
  query.value = "";
  query.focus();
  search();
}

async function ask(path, options = {}) {
  const answer = await fetch(path, { ...options, headers: { "X-CSRF-Token": csrf() }, signal: AbortSignal.timeout(10_000) });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function search() {
  const mineNow = ++asking;
  try {
    const rows = await ask(`/api/documents/${own}/candidates?${new URLSearchParams({ q: query.value })}`);
    if (mineNow !== asking) return;
    const fit = rows.filter((one) => !sources.has(one.id) || !all().some((page) => page.source === one.id));
    found.replaceChildren(...fit.map(rowOf));
    addSaid.textContent = fit.length ? "" : texts.none;
  } catch {
    if (mineNow === asking) addSaid.textContent = texts.unanswered;
  }
}

function rowOf(one) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  const name = document.createElement("b");
  name.textContent = one.name;
  const more = document.createElement("span");
  more.className = "soft small";
  more.textContent = [`#${one.id}`, one.party, one.date, one.amount].filter(Boolean).join(" · ");
  button.append(name, " ", more);
  button.addEventListener("click", () => join(one.id));
  item.append(button);
  return item;
}

async function join(id) {
  try {
    const now = await ask(`/api/documents/${id}/claim`, { method: "POST" });
    if (!now.held) {
      addSaid.textContent = fill(texts.held, { who: now.who ?? "?" });
      return;
    }
    const one = await ask(`/api/documents/${id}/sheets`);
    if (!one.pages.length) {
      addSaid.textContent = texts.none;
      return;
    }
    sources.set(id, { ...one, pages: one.pages.map((sheet) => [sheet.number, sheet.width, sheet.height]) });
    past.push(copyOf());
    const added = sources.get(id).pages.map(([number]) => page(id, number));
    const [index] = place(current) ?? [piles.length - 1];
    piles[index].push(...added);
    addDialog.close(); // gives the cursor back to where it was, and so marks that page
    current = added[0].key;
    show({ focus: true });
    summary.textContent = fill(texts.joined, { name: one.name });
  } catch {
    addSaid.textContent = texts.unanswered;
  }
}

let pause = 0;
query?.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(search, 200);
});
query?.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "Enter") return;
  event.preventDefault();
  found.querySelector("button")?.focus();
});
found?.addEventListener("keydown", (event) => {
  const items = [...found.querySelectorAll("button")];
  const at = items.indexOf(document.activeElement);
  const next = event.key === "ArrowDown" ? items[at + 1] : event.key === "ArrowUp" ? (items[at - 1] ?? query) : null;
  if (!next) return;
  event.preventDefault();
  next.focus();
});
document.getElementById("add")?.addEventListener("click", openAdd);

// ---- sending

function ranges(numbers) {
  const runs = [];
  for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
    if (runs.length && number === runs.at(-1)[1] + 1) runs.at(-1)[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(", ");
}

function spelt(pages) {
  const by = new Map();
  for (const one of pages) by.set(one.source, [...(by.get(one.source) ?? []), one.number]);
  return [...by].map(([source, numbers]) => fill(new Set(numbers).size > 1 ? texts.pagesOf : texts.pageOf, { pages: ranges(numbers), name: sources.get(source).name })).join("; ");
}

function confirmFirst() {
  const outputs = used();
  if (!outputs.length || isUnchanged()) return count();
  const there = outputs.flat();
  const has = (list, one) => list.some((other) => other.source === one.source && other.number === one.number);
  const taking = new Set(there.map((one) => one.source));
  const left = [...sources.values()].filter((source) => taking.has(source.id))
    .flatMap((source) => source.pages.map(([number]) => ({ source: source.id, number }))).filter((one) => !has(there, one));
  const twice = there.filter((one, at) => has(there.slice(0, at), one));
  document.getElementById("confirm-title").textContent = outputs.length === 1 ? texts.countOne : fill(texts.count, { count: outputs.length });
  const list = outputs.map((output, at) => {
    const item = document.createElement("li");
    item.textContent = fill(texts.new, { number: at + 1, pages: spelt(output) });
    return item;
  });
  const untouched = [...sources.values()].filter((source) => !taking.has(source.id)).map((source) => {
    const item = document.createElement("li");
    item.textContent = fill(texts.leftSource, { name: source.name });
    return item;
  });
  document.getElementById("confirm-list").replaceChildren(...list, ...untouched);
  for (const [id, pages, text] of [["confirm-left", left, texts.left], ["confirm-twice", twice, texts.twice]]) {
    const element = document.getElementById(id);
    element.textContent = fill(text, { pages: spelt(pages) });
    element.hidden = !pages.length;
  }
  document.getElementById("confirm-dialog").showModal();
  document.getElementById("confirm").focus();
}

function send() {
  if (document.body.dataset.sent) return;
  document.body.dataset.sent = "1";
  const outputs = used().map((output) => output.map(({ source, number, turn }) => ({ source, number, turn })));
  const versions = {};
  for (const { source } of outputs.flat()) versions[source] = sources.get(source).version;
  form.elements.wish.value = JSON.stringify({ versions, outputs });
  form.submit();
}

document.getElementById("apply")?.addEventListener("click", confirmFirst);
document.getElementById("confirm")?.addEventListener("click", send);

// ---- holding the documents while somebody sits here

function hold() {
  const every = Math.max(500, Number(texts.lease) * 1000 / 3);
  let active = Date.now();
  let asked = Date.now();
  let until = texts.until;
  // where nothing was moved
  addEventListener("pagehide", () => {
    if (until && !past.length && !document.body.dataset.sent) giveBack(own, until, csrf());
  });
  const beat = async () => {
    asked = Date.now();
    try {
      for (const source of sources.values()) {
        if (source.id !== own && !all().some((one) => one.source === source.id)) continue;
        const now = await ask(`/api/documents/${source.id}/claim`, { method: "POST" });
        if (document.body.dataset.sent) return;
        if (source.id === own) until = now.until;
        if (!now.held) return tell(now.held_by ? fill(texts.held, { who: now.who }) : texts.gone);
        if (now.version !== source.version) return tell(texts.gone);
      }
      tell(null);
    } catch {
      tell(texts.unanswered);
    }
  };
  const here = () => {
    active = Date.now();
    if (active - asked > every) beat();
  };
  for (const kind of ["keydown", "pointerdown", "wheel", "pointermove"]) addEventListener(kind, here, { passive: true });
  setInterval(() => { if (Date.now() - active < 3 * every && Date.now() - asked >= every * 0.9) beat(); }, every);
}

// what was moved is nowhere but here
addEventListener("beforeunload", (event) => {
  if (mine && past.length && !isUnchanged() && !document.body.dataset.sent) event.preventDefault();
});

// others that were added are given back when one leaves without making anything of them
addEventListener("pagehide", () => {
  if (!mine || document.body.dataset.sent) return;
  for (const id of sources.keys()) {
    if (id !== own) fetch(`/api/documents/${id}/release`, { method: "POST", headers: { "X-CSRF-Token": csrf() }, keepalive: true });
  }
});
// The browser may show a kept copy after "back"; only the server knows what became of the document.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

begin();
current = all()[0]?.key ?? null;
show({ focus: mine });
if (mine) hold();
