// "Why?" beside a field: asks the server once what speaks for its value, and shows on the page where the others stand.

import { say } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

export function wireWhy(form, pane) {
  async function fill(button, box) {
    box.textContent = "…";
    button.dataset.known = "1"; // or being asked for
    try {
      const answer = await fetch(button.dataset.why, { headers: { Accept: "text/html" }, redirect: "error" });
      if (!answer.ok) throw new Error(answer.status);
      box.innerHTML = await answer.text(); // our own template: what is on the document comes escaped
    } catch {
      delete button.dataset.known;
      box.textContent = say("untold");
    }
  }

  function toggle(button) {
    const box = document.getElementById(button.getAttribute("aria-controls"));
    const open = box.hidden;
    box.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open && !button.dataset.known) return fill(button, box);
    unmark();
    return null;
  }

  const unmark = () => { for (const one of pane.querySelectorAll(".boxes .tried")) one.remove(); };

  function mark(option) {
    unmark();
    const svg = pane.querySelector(`#page-${option.dataset.page} .boxes`);
    if (!svg) return;
    const [x0, y0, x1, y1] = option.dataset.box.split(" ").map(Number);
    const rect = document.createElementNS(SVG, "rect");
    rect.classList.add("tried");
    for (const [key, value] of Object.entries({ x: x0 - 2, y: y0 - 2, width: x1 - x0 + 4, height: y1 - y0 + 4, rx: 2 })) rect.setAttribute(key, value);
    svg.append(rect);
    rect.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button.why");
    if (button) toggle(button);
  });
  const optionOf = (event) => event.target.closest?.(".because [data-box]");
  for (const name of ["pointerover", "focusin"]) form.addEventListener(name, (event) => { const one = optionOf(event); if (one) mark(one); });
  for (const name of ["pointerout", "focusout"]) form.addEventListener(name, (event) => { if (optionOf(event)) unmark(); });

  return {
    // of the field that the element stands in; false where it stands in none
    ask(element) {
      const button = element.closest?.(".field")?.querySelector("button.why");
      if (button) toggle(button);
      return Boolean(button);
    },
  };
}
