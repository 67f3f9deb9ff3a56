// Moments in the time of who reads. The server writes UTC, and says so; without this script that stays.

const two = (number) => String(number).padStart(2, "0");

function written(at, seconds) {
  const time = `${two(at.getHours())}:${two(at.getMinutes())}${seconds ? `:${two(at.getSeconds())}` : ""}`;
  const [year, month, day] = [at.getFullYear(), at.getMonth() + 1, at.getDate()];
  if (document.documentElement.lang === "cs") return `${day}.\u00a0${month}.\u00a0${year} ${time}`;
  return `${year}-${two(month)}-${two(day)} ${time}`; // as pipeline/review/languages.py writes them
}

export function localTimes(root) {
  for (const one of root.querySelectorAll("time[datetime]:not([title])")) {
    const at = new Date(one.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const [utc, local] = [one.textContent, written(at, "seconds" in one.dataset)];
    const whole = utc.endsWith("UTC"); // others say how long ago
    one.title = whole ? utc : local;
    if (whole) one.textContent = local;
  }
}
localTimes(document);
