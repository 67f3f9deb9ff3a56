// Other values that a doubtful field may have, below it while the cursor stands in it: taken by Alt and a number.

import { life } from "./life.js";

const AFTER = 150; // ms: the document is drawn first

export function wireChoices(form, put) {
  const offered = new Map(); // field -> what may be taken

  function list(field, some) {
    const holder = document.createElement("ol");
    holder.className = "offered";
    holder.ariaLabel = form.dataset.choices;
    some.forEach((one, number) => {
      const button = document.createElement("button");
      button.type = "button";
      button.tabIndex = -1; // the number is quicker
      const key = document.createElement("kbd");
      key.textContent = `Alt ${number + 1}`;
      const text = document.createElement("span");
      text.textContent = one.shown;
      button.append(key, text);
      button.addEventListener("click", () => choose(field, number));
      const item = document.createElement("li");
      item.append(button);
      holder.append(item);
    });
    field.querySelector(".hint").before(holder);
  }

  function choose(field, number) {
    const one = offered.get(field)?.[number];
    if (!one) return false;
    put(field.querySelector("input:not([type=hidden]), textarea"), one.page, one.shown, one.box);
    return true;
  }

  async function ask() {
    const type = form.elements.type ? `?type=${encodeURIComponent(form.elements.type.value)}` : "";
    try {
      const answer = await fetch(`/api/documents/${form.dataset.document}/choices${type}`, { signal: life.signal });
      if (!answer.ok) return;
      for (const [name, some] of Object.entries(await answer.json())) {
        const field = form.querySelector(`.field[data-field="${CSS.escape(name)}"]`);
        if (!field || !some.length) continue;
        offered.set(field, some);
        list(field, some);
      }
    } catch {
      // then it is typed
    }
  }
  if (form.querySelector(".field.doubtful")) life.later(ask, AFTER);

  return { take: (target, number) => choose(target.closest?.(".field"), number - 1) };
}
