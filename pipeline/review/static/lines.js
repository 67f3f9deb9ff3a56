// The line item table: add and remove rows. Names keep the order: line.NUMBER.COLUMN.

export function wireLines(rows, template, add) {
  if (!rows || !template || !add) return;
  let next = rows.rows.length;
  const changed = () => rows.dispatchEvent(new Event("rows-changed", { bubbles: true }));

  add.addEventListener("click", () => {
    const row = template.content.cloneNode(true).querySelector("tr");
    for (const input of row.querySelectorAll("[data-column]")) input.name = `line.${next}.${input.dataset.column}`;
    next += 1;
    rows.append(row);
    changed();
    row.querySelector("[data-column]").focus();
  });
  rows.addEventListener("click", (event) => {
    const row = event.target.closest(".remove")?.closest("tr");
    if (!row) return;
    if (row.nextElementSibling?.classList.contains("said")) row.nextElementSibling.remove();
    const neighbour = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    changed();
    (neighbour?.querySelector("input:not([type=hidden]), textarea") ?? add).focus();
  });
}
