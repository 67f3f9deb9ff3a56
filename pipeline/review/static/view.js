// The page images: which box is shown, tabs, zoom.

import { life } from "./life.js";

const calm = matchMedia("(prefers-reduced-motion: reduce)");

export function makeView(pane) {
  const boxes = pane.querySelectorAll(".boxes rect");
  const tabs = pane.querySelectorAll("[data-tab]");
  const zoom = document.getElementById("zoom");
  let current = null;

  const behaviour = () => (calm.matches ? "auto" : "smooth");

  function centre(element, smooth) {
    const box = element.getBoundingClientRect();
    const frame = pane.getBoundingClientRect();
    pane.scrollTo({
      left: pane.scrollLeft + box.left + box.width / 2 - frame.left - frame.width / 2,
      top: pane.scrollTop + box.top + box.height / 2 - frame.top - frame.height / 2,
      behavior: smooth ? behaviour() : "auto",
    });
  }

  function show(selector) {
    current?.classList.remove("current");
    current = pane.querySelector(selector);
    if (!current) return;
    current.classList.add("current");
    current.parentNode.append(current); // drawn last, above its neighbours
    centre(current, true);
  }

  for (const tab of tabs) {
    tab.addEventListener("click", (event) => {
      event.preventDefault();
      document.getElementById(`page-${tab.dataset.tab}`).scrollIntoView({ behavior: behaviour(), block: "start" });
    });
  }
  if (tabs.length) {
    const seen = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        for (const tab of tabs) tab.setAttribute("aria-current", String(tab.dataset.tab === entry.target.dataset.number));
      }
    }, { root: pane, rootMargin: "-50% 0px" });
    for (const sheet of pane.querySelectorAll(".sheet")) seen.observe(sheet);
    life.signal.addEventListener("abort", () => seen.disconnect());
  }

  for (const image of pane.querySelectorAll(".sheet img")) {
    const failed = () => image.parentNode.classList.add("failed");
    if (image.complete && !image.naturalWidth) failed();
    image.addEventListener("error", failed);
  }

  function toggleZoom() {
    const large = pane.classList.toggle("zoomed");
    zoom?.setAttribute("aria-pressed", String(large));
    if (current) centre(current, false);
  }
  zoom?.addEventListener("click", toggleZoom);

  return {
    show,
    toggleZoom,
    scroll: (direction) => pane.scrollBy({ top: direction * pane.clientHeight * 0.8, behavior: behaviour() }),
    onPick(pick) {
      for (const box of boxes) if (box.dataset.for) box.addEventListener("click", () => pick(box.dataset.for));
    },
  };
}
