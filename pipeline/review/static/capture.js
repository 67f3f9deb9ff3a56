// Click to capture: a word that is clicked, or a box that is dragged, goes into the field with the cursor.
// The server types and normalises it; where no word was read, it reads the box on the spot.

import { life } from "./life.js";
import { say } from "./words.js";

const CLICK = 4; // CSS pixels: a shorter way is a click, not a box
const SVG = "http://www.w3.org/2000/svg";

export function wireCapture(form, pane, csrf, view, lines) {
  const status = document.getElementById("live");
  const words = new Map(); // page number -> promise of the boxes of its words
  let into = null; // the input that had the cursor last
  let asking = 0;
  pane.dataset.capture = "";

  const isTarget = (element) => element.matches?.(".field :is(input, textarea):not([type=hidden]), #rows :is(input, textarea):not([type=hidden])");
  form.addEventListener("focusin", (event) => { if (isTarget(event.target)) into = event.target; });

  const targetOf = (input) => {
    const field = input.closest(".field");
    return field ? field.dataset.field : `line_items.${input.dataset.column ?? input.name.split(".")[2]}`;
  };

  function wordsOf(sheet) {
    const number = sheet.dataset.number;
    if (!words.has(number)) {
      words.set(number, fetch(`/api/documents/${form.dataset.document}/pages/${number}/words`)
        .then((answer) => (answer.ok ? answer.json() : []))
        .catch(() => []));
    }
    return words.get(number);
  }

  // where the pointer is, in points of the page
  function pointOf(sheet, event) {
    const svg = sheet.querySelector(".boxes");
    const frame = svg.getBoundingClientRect();
    const { width, height } = svg.viewBox.baseVal;
    const clamp = (value, most) => Math.min(Math.max(value, 0), most);
    return [clamp((event.clientX - frame.left) / frame.width * width, width), clamp((event.clientY - frame.top) / frame.height * height, height)];
  }

  function rect(sheet, name, [x0, y0, x1, y1]) {
    const svg = sheet.querySelector(".boxes");
    let one = svg.querySelector(`.${name}`);
    if (!one) {
      one = document.createElementNS(SVG, "rect");
      one.classList.add(name);
      svg.append(one);
    }
    for (const [key, value] of Object.entries({ x: x0, y: y0, width: x1 - x0, height: y1 - y0 })) one.setAttribute(key, value);
    return one;
  }
  const clear = (name) => { for (const one of pane.querySelectorAll(`.boxes .${name}`)) one.remove(); };

  async function hover(sheet, event) {
    const [x, y] = pointOf(sheet, event);
    const found = (await wordsOf(sheet)).find(({ box }) => x >= box[0] - 1 && x <= box[2] + 1 && y >= box[1] - 1 && y <= box[3] + 1);
    if (drag) return;
    clear("under");
    if (found && into) rect(sheet, "under", found.box);
  }

  let drag = null;
  pane.addEventListener("pointerdown", (event) => {
    const sheet = event.target.closest(".sheet");
    if (!sheet || event.button !== 0 || !(into || lines.wantsBox())) return;
    // a box on the page is the way to its field; with Shift, or a box drawn across it, it is only words
    if (event.target.closest("rect[data-for]") && !event.shiftKey && !lines.wantsBox()) {
      drag = { sheet, from: pointOf(sheet, event), at: [event.clientX, event.clientY], box: true };
    } else {
      drag = { sheet, from: pointOf(sheet, event), at: [event.clientX, event.clientY], box: false };
      event.preventDefault(); // the cursor stays in its field, and the picture is not dragged
    }
  });
  pane.addEventListener("dragstart", (event) => event.preventDefault());
  const far = (event) => Math.hypot(event.clientX - drag.at[0], event.clientY - drag.at[1]) > CLICK;
  const boxOf = (event) => {
    const [x, y] = pointOf(drag.sheet, event);
    const [u, v] = drag.from;
    return [Math.min(u, x), Math.min(v, y), Math.max(u, x), Math.max(v, y)];
  };
  addEventListener("pointermove", (event) => {
    if (drag) {
      if (far(event)) rect(drag.sheet, "drawn", boxOf(event));
      return;
    }
    const sheet = event.target.closest?.(".sheet");
    if (sheet && pane.contains(sheet)) hover(sheet, event);
    else clear("under");
  }, { signal: life.signal });
  addEventListener("pointerup", (event) => {
    if (!drag) return;
    const { sheet, from, box } = drag;
    const drawn = far(event) ? boxOf(event) : null;
    drag = null;
    clear("drawn");
    if (drawn) {
      // what follows is the end of a drag, not a click on a box that lies there
      addEventListener("click", (click) => click.stopPropagation(), { capture: true, once: true });
      setTimeout(() => (lines.wantsBox() ? lines.readBox(sheet, drawn) : take(sheet, drawn)));
    } else if (!box && !lines.wantsBox()) take(sheet, [...from, ...from]);
  }, { signal: life.signal });
  addEventListener("keydown", (event) => {
    if (!drag || event.key !== "Escape") return;
    drag = null;
    clear("drawn");
    event.stopPropagation();
    event.preventDefault();
  }, { capture: true, signal: life.signal });

  async function take(sheet, box) {
    const input = into;
    const turn = ++asking;
    status.textContent = say("reading");
    pane.classList.add("reading");
    let found = null;
    let failed = false;
    try {
      const answer = await fetch(`/api/documents/${form.dataset.document}/capture`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf() },
        body: JSON.stringify({ page: Number(sheet.dataset.number), box, target: targetOf(input), type: form.elements.type?.value ?? null }),
        signal: AbortSignal.timeout(20_000),
      });
      failed = !answer.ok;
      if (answer.ok) found = await answer.json();
    } catch {
      failed = true;
    }
    if (turn !== asking) return; // something else was pointed at since
    pane.classList.remove("reading");
    input.focus({ preventScroll: true });
    if (failed || !found) {
      status.textContent = say(failed ? "unreadable" : "nothing");
      rect(sheet, "nothing", box);
      setTimeout(() => clear("nothing"), 1200);
      return;
    }
    put(input, sheet.dataset.number, found.shown ?? found.raw, found.box);
  }

  // a value into its field, with the place that it was taken from
  function put(input, number, text, box) {
    input.value = text;
    const place = placeOf(input);
    if (place) place.value = [number, ...box.map((one) => one.toFixed(2))].join(" ");
    light(document.getElementById(`page-${number}`), input, box);
    status.textContent = say("taken", input.value);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.select();
  }

  const placeOf = (input) => input.closest(".field")?.querySelector(".place");

  // the field's box is where its value was taken from
  function light(sheet, input, box) {
    const field = input.closest(".field");
    if (!field) return;
    const name = field.dataset.field;
    for (const one of pane.querySelectorAll(`.boxes rect[data-for="${CSS.escape(name)}"]`)) one.remove();
    const one = rect(sheet, "fresh", [box[0] - 3, box[1] - 3, box[2] + 3, box[3] + 3]);
    one.classList.replace("fresh", "taken");
    one.dataset.for = name;
    one.addEventListener("click", () => field.querySelector("input:not([type=hidden]), textarea").focus());
    view.show(`[data-for="${CSS.escape(name)}"]`);
    const snippet = field.querySelector(".snippet");
    if (snippet) frame(snippet, sheet, box);
  }

  function frame(snippet, sheet, box) {
    const picture = sheet.querySelector("img");
    const { width, height } = sheet.querySelector(".boxes").viewBox.baseVal;
    snippet.setAttribute("viewBox", [box[0] - 6, box[1] - 4, box[2] - box[0] + 12, box[3] - box[1] + 8].join(" "));
    const image = snippet.querySelector("image");
    image.setAttribute("href", picture.getAttribute("src"));
    image.setAttribute("width", width);
    image.setAttribute("height", height);
    snippet.toggleAttribute("hidden", false);
  }

  return { put };
}

// Field and box light up together, whichever the pointer is on.
export function wireGlow(form, pane) {
  const glow = (name, on) => {
    if (!name) return;
    form.querySelector(`.field[data-field="${CSS.escape(name)}"]`)?.classList.toggle("lit", on);
    for (const one of pane.querySelectorAll(`rect[data-for="${CSS.escape(name)}"]`)) one.classList.toggle("lit", on);
  };
  for (const [type, on] of [["pointerover", true], ["pointerout", false]]) {
    form.addEventListener(type, (event) => glow(event.target.closest?.(".field")?.dataset.field, on));
    pane.addEventListener(type, (event) => glow(event.target.closest?.("rect[data-for]")?.dataset.for, on));
  }
}
