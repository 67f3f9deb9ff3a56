// What outlives the elements of one document: listeners on the window and timers. They end when the next is shown.

let now = new AbortController();

export const life = {
  get signal() {
    return now.signal;
  },
  later(work, milliseconds) {
    const timer = setTimeout(work, milliseconds);
    now.signal.addEventListener("abort", () => clearTimeout(timer));
  },
  every(work, milliseconds) {
    const timer = setInterval(work, milliseconds);
    now.signal.addEventListener("abort", () => clearInterval(timer));
  },
  end() {
    now.abort();
    now = new AbortController();
  },
};
