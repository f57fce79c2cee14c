// The table of rules on the Project tab: js_on_load of a gr.HTML. Rows are added and taken away here; "save" sends them all.
const rows = () => [...element.querySelectorAll("tbody tr")];
const fields = (row) => [...row.querySelectorAll("input")];
const keep = () => trigger("keep", { rows: rows().map((row) => fields(row).map((field) => field.value)) });
const add = () => {
  const last = rows().at(-1);
  if (fields(last).some((field) => field.value.trim())) {
    const row = last.cloneNode(true);
    fields(row).forEach((field) => { field.value = ""; });
    row.querySelector("[data-gives]").textContent = "";
    last.after(row);
  }
  fields(rows().at(-1))[0].focus();
};
const remove = (row) => {
  const place = rows().indexOf(row);
  if (rows().length > 1) row.remove();
  else fields(row).forEach((field) => { field.value = ""; });
  fields(rows()[Math.min(place, rows().length - 1)])[0].focus();
};

element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-do]");
  if (button) ({ keep, add, remove: () => remove(button.closest("tr")) })[button.dataset.do]();
});
element.addEventListener("input", (event) => {
  const row = event.target.closest("tr");
  if (row) row.querySelector("[data-gives]").textContent = ""; // what was tested is not what stands there now
});
element.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("tbody input") && !event.isComposing) keep();
});
