// What happened to the document: asked for when somebody opens it.

import { localTimes } from "./times.js";

export function wireHistory(details) {
  details?.addEventListener("toggle", async () => {
    const holder = details.querySelector("[data-history]");
    const link = holder.querySelector("a");
    if (!details.open || !link) return;
    try {
      const answer = await fetch(link.href, { redirect: "error" });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      localTimes(page);
      holder.replaceChildren(...page.getElementById("happened").childNodes);
    } catch {
      // the link stays
    }
  });
}
