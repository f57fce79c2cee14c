// The list of all runs: its buttons, and the tag by which it is filtered, which stays when the timer draws anew.
let only = "";
const filter = () => {
  if (only && !element.querySelector(`[data-only="${CSS.escape(only)}"]`)) only = "";
  element.querySelectorAll("[data-only]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.only === only)));
  element.querySelectorAll("tbody tr").forEach((row) => { row.hidden = Boolean(only) && !row.querySelector(`[data-tag="${CSS.escape(only)}"]`); });
};
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-do]"), tag = event.target.closest("button[data-only]");
  if (button) trigger("choose", { what: button.dataset.do, run: button.dataset.run });
  if (tag) { only = tag.dataset.only; filter(); }
});
watch("value", filter);
