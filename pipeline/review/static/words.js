// What scripts say: the page brings the sentences in its language, as JSON in #words (templates/_words.html).

export function say(name, value = "") {
  const words = JSON.parse(document.getElementById("words")?.textContent ?? "{}");
  return (words[name] ?? name).replace("{}", value);
}
