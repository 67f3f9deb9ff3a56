// The line item table as a grid: move by arrows, paste from a spreadsheet, add, remove and join rows.
// Names keep the order: line.NUMBER.COLUMN.

const INPUT = "input:not([type=hidden]), textarea";

export function wireLines(rows, template, add) {
  if (!rows || !template || !add) return { addRow() {}, removeRow() {}, joinRow() {} };
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

  return { addRow, removeRow, joinRow };
}
