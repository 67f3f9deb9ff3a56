// Waits until what was made of pages is read, then opens the first of it.

const EVERY = 700; // ms
const SLOW = 20_000; // ms

const box = document.getElementById("became");
const said = document.getElementById("said");
const since = Date.now();

async function look() {
  let pause = EVERY;
  try {
    const answer = await fetch(`/api/documents/${box.dataset.document}/made`, { signal: AbortSignal.timeout(5000) });
    if (!answer.ok) return location.reload(); // signed out, say
    const made = (await answer.json()).became;
    if (!made.length || made.some((one) => one.state !== "received")) return location.replace(location.href); // the server knows where to
    if (Date.now() - since > SLOW) {
      said.textContent = box.dataset.slow;
      pause = 4 * EVERY;
      if (Date.now() - since > 2 * SLOW) return location.reload(); // whoever was to read it may be gone
    }
  } catch {
    said.textContent = box.dataset.away;
  }
  setTimeout(look, pause);
}

if ("wait" in box.dataset) setTimeout(look, EVERY);
