// The line item table as a grid: move by arrows, paste from a spreadsheet, add, remove and join rows.
// Names keep the order: line.NUMBER.COLUMN.

const INPUT = "input:not([type=hidden]), textarea";

export function wireLines(form, pane, csrf) {
  const [rows, template, add] = ["rows", "new-row", "add-row"].map((id) => document.getElementById(id));
  if (!rows || !template || !add) return { addRow() {}, removeRow() {}, joinRow() {}, settle: () => false, wantBox() {}, wantsBox: () => false };
  let next = rows.rows.length;
  const changed = () => rows.dispatchEvent(new Event("rows-changed", { bubbles: true }));
  const lines = () => [...rows.querySelectorAll("tr:not(.said)")];
  const cells = (row) => [...row.querySelectorAll(INPUT)];
  const columnOf = (input) => cells(input.closest("tr")).indexOf(input);

  function append() {
    const row = template.content.cloneNode(true).querySelector("tr");
    for (const input of row.querySelectorAll("[data-column]")) input.name = `line.${next}.${input.dataset.column}`;
    next += 1;
    rows.append(row);
    return row;
  }

  function addRow() {
    const row = append();
    changed();
    cells(row)[0].focus();
  }

  function removeRow(row) {
    if (row.nextElementSibling?.classList.contains("said")) row.nextElementSibling.remove();
    const all = lines();
    const neighbour = all[all.indexOf(row) + 1] ?? all[all.indexOf(row) - 1];
    row.remove();
    changed();
    (neighbour ? cells(neighbour)[0] : add).focus();
  }

  // A description that was read as a row of its own goes back to the row above; a cell that is empty there is filled.
  function joinRow(row) {
    const all = lines();
    const above = all[all.indexOf(row) - 1];
    if (!above) return;
    cells(row).forEach((input, column) => {
      const into = cells(above)[column];
      const text = input.value.trim();
      if (!text) return;
      if (column === 0) into.value = `${into.value.trim()} ${text}`.trim();
      else if (!into.value.trim()) into.value = text;
    });
    removeRow(row);
    cells(above)[0].focus();
  }

  add.addEventListener("click", addRow);
  rows.addEventListener("click", (event) => {
    const row = event.target.closest(".remove")?.closest("tr");
    if (row) removeRow(row);
  });

  // Up and down go to the row above and below; in a text of several lines only from its first and last one.
  rows.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const input = event.target;
    if (!step || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || !input.matches(INPUT)) return;
    const behind = input.value.slice(input.selectionEnd);
    const before = input.value.slice(0, input.selectionStart);
    if ((step < 0 ? before : behind).includes("\n")) return;
    const all = lines();
    const to = all[all.indexOf(input.closest("tr")) + step];
    if (!to) return;
    event.preventDefault();
    const cell = cells(to)[columnOf(input)];
    cell.focus();
    cell.select();
  });

  // What a spreadsheet copies: cells parted by tabs, rows by line feeds.
  rows.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!event.target.matches(INPUT) || event.target.readOnly || !/[\t\n]/.test(text.replace(/\r?\n$/, ""))) return;
    event.preventDefault();
    const column = columnOf(event.target);
    const all = lines();
    let at = all.indexOf(event.target.closest("tr"));
    for (const line of text.replace(/\r?\n$/, "").split(/\r?\n/)) {
      const into = cells(all[at] ?? (all[at] = append()));
      line.split("\t").forEach((value, offset) => {
        if (into[column + offset]) into[column + offset].value = value.trim();
      });
      at += 1;
    }
    changed();
  });

  return { addRow, removeRow, joinRow, ...wireRegion(form, pane, csrf, { rows, append, changed, cells }) };
}

// Rows that are read from a box on the page: shown in the grid at once, in place of the others or below them, until
// somebody goes back to what stood there before.
function wireRegion(form, pane, csrf, { rows, append, changed, cells }) {
  const button = document.getElementById("read-rows");
  const bar = document.getElementById("proposed");
  const said = document.getElementById("read-rows-said");
  let before = null; // the rows as they were
  let fresh = [];

  const wantsBox = () => button?.getAttribute("aria-pressed") === "true";
  function tell(text) {
    said.textContent = text;
    said.hidden = !text;
  }

  function wantBox(on = !wantsBox()) {
    if (!button) return;
    button.setAttribute("aria-pressed", String(on));
    pane.classList.toggle("boxing", on);
    tell(on ? button.dataset.draw : "");
  }

  // the boxes of rows on the page come and go with the rows
  function light() {
    for (const one of pane.querySelectorAll("rect.line.read")) one.remove();
    for (const row of fresh) {
      if (!row.isConnected) continue;
      const [page, x0, y0, x1, y1] = row.querySelector("[data-column=place]").value.split(" ").map(Number);
      const svg = pane.querySelector(`#page-${page} .boxes`);
      const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      rect.setAttribute("class", "line read");
      rect.dataset.forLine = row.dataset.line;
      for (const [key, value] of Object.entries({ x: x0 - 3, y: y0 - 3, width: x1 - x0 + 6, height: y1 - y0 + 6 })) rect.setAttribute(key, value);
      svg?.prepend(rect);
    }
  }

  function place(mode) {
    rows.replaceChildren(...(mode === "replace" ? [] : before), ...(mode === "undo" ? [] : fresh));
    for (const one of bar.querySelectorAll("[data-mode]")) one.setAttribute("aria-pressed", String(one.dataset.mode === mode));
    if (mode === "undo") {
      bar.hidden = true;
      before = null;
      fresh = [];
    }
    light();
    changed();
    const first = (fresh[0] ?? rows.rows[0])?.querySelector(INPUT);
    first?.focus();
    first?.select();
  }

  function show(found) {
    if (before) place("undo");
    before = [...rows.children];
    fresh = found.map((one, number) => {
      const row = append();
      for (const input of cells(row)) input.value = one.shown[input.dataset.column];
      const where = document.createElement("input");
      where.type = "hidden";
      where.dataset.column = "place";
      where.name = cells(row)[0].name.replace(/[^.]+$/, "place");
      where.value = [one.page, ...one.box.map((side) => side.toFixed(2))].join(" ");
      row.cells[0].prepend(where);
      row.dataset.line = `read-${number}`;
      row.classList.add("read");
      return row;
    });
    bar.querySelector("p").textContent = found.length === 1 ? bar.dataset.one : bar.dataset.many.replace("{count}", found.length);
    bar.hidden = false;
    place("replace");
  }

  async function readBox(sheet, box) {
    wantBox(false);
    tell(button.dataset.reading);
    pane.classList.add("reading");
    try {
      const answer = await fetch(`/api/documents/${form.dataset.document}/rows`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf() },
        body: JSON.stringify({ page: Number(sheet.dataset.number), box, type: form.elements.type?.value ?? null }),
        signal: AbortSignal.timeout(30_000),
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const found = await answer.json();
      tell(found.length ? "" : button.dataset.nothing);
      if (found.length) show(found);
    } catch {
      tell(button.dataset.failed);
    } finally {
      pane.classList.remove("reading");
    }
  }

  button?.addEventListener("click", () => wantBox());
  bar.addEventListener("click", (event) => {
    const mode = event.target.closest("[data-mode]")?.dataset.mode;
    if (mode) place(mode);
  });
  return {
    wantsBox,
    wantBox: () => wantBox(),
    readBox,
    // "replace", "append" or "undo", where rows were read and the cursor is with them; whether it was so
    settle(mode) {
      if (!before || !document.activeElement.closest("#rows, #proposed")) return false;
      place(mode);
      return true;
    },
  };
}
