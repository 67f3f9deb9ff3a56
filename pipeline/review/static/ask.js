// Dialogs that ask for a line of text: send back, put aside, comment, recall. Enter sends, Esc closes.

import { localTimes } from "./times.js";
import { say } from "./words.js";

export function wireAsk(csrf) {
  const dialogs = new Map();
  for (const dialog of document.querySelectorAll("dialog[id$=-dialog]")) dialogs.set(dialog.id.replace("-dialog", ""), dialog);

  function open(name) {
    const dialog = dialogs.get(name);
    if (!dialog) return false;
    if (!dialog.open) {
      dialog.showModal();
      dialog.querySelector("textarea").focus();
    }
    return true;
  }

  for (const button of document.querySelectorAll("[data-close]")) button.addEventListener("click", () => button.closest("dialog").close());
  for (const [name, id] of [["reject", "reject"], ["aside", "put-aside"], ["comment", "comment"], ["recall", "recall"]]) {
    document.getElementById(id)?.addEventListener("click", () => open(name));
  }

  // a comment is sent beside the form, so that what was typed there stays
  dialogs.get("comment")?.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    const form = event.target;
    const text = form.elements.text;
    const problem = form.querySelector(".problem");
    const send = form.querySelector("[data-send]");
    if (send.disabled) return;
    send.disabled = true;
    try {
      const answer = await fetch(`/api${form.getAttribute("action")}/comments`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf() },
        body: JSON.stringify({ text: text.value }),
      });
      if (!answer.ok) throw new Error(String(answer.status));
      add(await answer.json());
      text.value = "";
      problem.hidden = true;
      form.closest("dialog").close();
    } catch {
      problem.textContent = say("unkept");
      problem.hidden = false;
    } finally {
      send.disabled = false;
    }
  });

  function add(one) {
    const item = document.createElement("li");
    const by = document.createElement("p");
    by.className = "by";
    const who = document.createElement("b");
    who.textContent = say("you");
    const at = document.createElement("time");
    at.dateTime = `${one.at}Z`;
    at.textContent = one.shown;
    by.append(who, " ", at);
    localTimes(by);
    const text = document.createElement("p");
    text.className = "text";
    text.textContent = one.text;
    item.append(by, text);
    document.getElementById("comment-list").append(item);
    document.getElementById("comments").hidden = false;
  }

  function onKey(event) {
    const send = event.target.closest("dialog")?.querySelector("[data-send]");
    if (event.key !== "Enter" || event.shiftKey || event.target.tagName !== "TEXTAREA" || !send) return;
    event.preventDefault();
    if (!event.repeat) event.target.form.requestSubmit(send);
  }

  const refused = [...dialogs].find(([, dialog]) => dialog.dataset.open !== undefined);
  return { open, onKey, refused: () => refused !== undefined && open(refused[0]) };
}
