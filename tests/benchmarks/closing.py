"""How long a browser takes from the key that closes one document until the next one can be worked on.

The clock is the browser's own. A document is ready when the cursor stands where the work begins, the picture of the
page it is about is decoded and a frame with both was drawn.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Page

WATCH = """
(() => {
  const now = () => performance.timeOrigin + performance.now();
  const shown = () => document.getElementById("form")?.dataset.document ?? null;
  let looking = false;
  window.__opened = null;
  const pause = () => new Promise((again) => setTimeout(again, 2));
  async function look() {
    if (looking) return;
    looking = true;
    const known = () => JSON.parse(sessionStorage.getItem("closing") ?? "{}");
    const free = () => !document.activeElement || document.activeElement === document.body;
    while (shown() === null || shown() === known().from || free()) await pause();
    const { pressed } = known();
    const cursor = now();
    const name = document.activeElement.closest(".field")?.dataset.field;
    const box = document.querySelector(`.sheet rect[data-for="${name}"]`);
    const picture = (box?.closest(".sheet") ?? document).querySelector("img[src*='/pages/']");
    while (picture && !picture.complete) await pause();
    await picture?.decode().catch(() => null);
    const decoded = now();
    requestAnimationFrame(() => setTimeout(() => {
      const ready = now();
      looking = false;
      const [first, second, last] = [cursor, decoded, ready].map((at) => at - pressed);
      window.__opened = { document: shown(), cursor: first, picture: second, ready: last };
    }));
  }
  addEventListener("keydown", (event) => {
    const pressed = performance.timeOrigin + event.timeStamp;
    sessionStorage.setItem("closing", JSON.stringify({ from: shown(), pressed }));
    look();
  }, true);
  if (sessionStorage.getItem("closing")) addEventListener("DOMContentLoaded", look);
})();
"""
"""Takes the time in a page; to be run in each before its own scripts."""


@dataclass(frozen=True)
class Opened:
    """Milliseconds from the closing key until the cursor stands, the picture is decoded, both are drawn."""

    cursor: float
    picture: float
    ready: float


def watch(context: BrowserContext) -> None:
    """Let all pages of a browser profile take the time."""
    context.add_init_script(WATCH)


def current(page: Page) -> str:
    """The document that is open, by its id; empty where none is."""
    return str(page.evaluate("document.getElementById('form')?.dataset.document ?? ''"))


def opened(page: Page, before: str) -> Opened:
    """Wait until another document than ``before`` is ready; the times of it."""
    page.wait_for_function("before => window.__opened && window.__opened.document !== before", arg=before)
    return opened_of(page.evaluate("window.__opened"))


def opened_of(told: dict[str, float]) -> Opened:
    """The times that `WATCH` left in ``window.__opened``."""
    return Opened(told["cursor"], told["picture"], told["ready"])


def machine() -> str:
    """How busy the machine is, for the head of a table."""
    return f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def percentile(values: list[float], share: float) -> float:
    """The value below which ``share`` of them lie."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
