// From one document to the next without leaving the page: a decision is sent, and what the server answers takes the
// place of what is shown. The pictures that come next are fetched ahead, and kept here: nothing may be stored.

import { life } from "./life.js";

const KEPT = 6; // pictures ahead
const AFTER = 250; // ms: the document that is open comes first
const HASTY = 150; // ms: a key or click so soon was meant for the document before

const ahead = new Map(); // address -> picture
let shown = -Infinity; // when the last document took the place of another

// Whether an event came so soon that it was meant for what was shown before.
export const hasty = (event) => event.timeStamp - shown < HASTY || event.detail > 1;

async function fetchAhead(id) {
  try {
    const answer = await fetch(`/api/documents/${id}/following`, { signal: life.signal });
    const next = answer.ok ? await answer.json() : null;
    for (const number of next?.pages ?? []) await fetchPicture(`/documents/${next.id}/pages/${number}.png`);
  } catch {
    // then it is fetched when it is shown
  }
}

async function fetchPicture(address) {
  if (ahead.has(address)) return;
  const answer = await fetch(address);
  if (!answer.ok) return;
  const picture = new Image();
  picture.src = URL.createObjectURL(await answer.blob());
  await picture.decode();
  ahead.set(address, picture);
  for (const [old, kept] of ahead) {
    if (ahead.size <= KEPT) break;
    ahead.delete(old);
    URL.revokeObjectURL(kept.src);
  }
}

// Pictures that are here already take the place of those of a page, and of its snippets.
function place(page) {
  for (const there of page.querySelectorAll(".sheet img")) {
    const address = there.getAttribute("src");
    const picture = ahead.get(address);
    if (!picture) continue;
    ahead.delete(address);
    for (const { name, value } of there.attributes) if (name !== "src" && name !== "loading") picture.setAttribute(name, value);
    there.replaceWith(picture);
    for (const snippet of page.querySelectorAll(".snippet image")) {
      if (snippet.getAttribute("href") === address) snippet.setAttribute("href", picture.src);
    }
    life.signal.addEventListener("abort", () => URL.revokeObjectURL(picture.src));
  }
}

// ``begin`` wires what is shown anew.
export function wireOnward(begin) {
  let path = location.pathname;

  function fill(page) {
    document.title = page.title;
    document.body.className = page.body.className;
    delete document.body.dataset.sent;
    document.body.replaceChildren(...page.body.childNodes);
  }

  function show(page, address) {
    place(page);
    fill(page);
    if (address !== location.href) history.pushState(null, "", address);
    path = location.pathname;
    scrollTo(0, 0);
    shown = performance.now();
    begin();
  }

  async function send(form, submitter) {
    const body = new URLSearchParams(new FormData(form, submitter));
    try {
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body, headers: { "X-In-Place": "1" } });
      if (answer.headers.get("Content-Type")?.startsWith("application/json")) {
        delete document.body.dataset.sent;
        return form.dispatchEvent(new CustomEvent("refused", { detail: await answer.json() }));
      }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const address = new URL(answer.headers.get("Content-Location") ?? (answer.redirected ? answer.url : location.href), location.href).href;
      const isDesk = page.body.classList.contains("desk");
      if (answer.ok && !isDesk) return location.assign(address);
      life.end();
      if (isDesk) show(page, address);
      else fill(page); // it says why not
    } catch {
      delete document.body.dataset.sent; // it may be sent again: who decided already is told so
      const lost = document.getElementById("lost");
      if (!lost) return location.reload();
      lost.querySelector("span").textContent = lost.dataset.unanswered;
      lost.hidden = false;
      lost.scrollIntoView({ block: "nearest" });
    }
  }

  // A decision is sent once, however often the button is pressed.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || !form.getAttribute("action")?.startsWith("/documents/") || "plain" in form.dataset) return;
    event.preventDefault();
    if (document.body.dataset.sent) return;
    document.body.dataset.sent = "1";
    send(form, event.submitter);
  });
  // The browser may show a kept copy after "back"; only the server knows what became of the document.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  addEventListener("popstate", () => { if (location.pathname !== path) location.reload(); });

  return {
    ahead: (id) => life.later(() => fetchAhead(id), AFTER),
  };
}
