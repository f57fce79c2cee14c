// The list of prompts on the Project tab: js_on_load of a gr.HTML. What is pressed becomes one `choose` event; after the list
// was drawn again, the keyboard finds its place again.
let typed = null; // what stands in the field of the prompt that is being edited, for when the list is drawn again
let focused = null; // the button that the keyboard pressed: what it does, and the prompt it belongs to

const choose = (button, byKeyboard) => {
  const row = button.closest("[data-prompt]");
  const given = { what: button.dataset.do, value: button.dataset.value || "", prompt: row ? Number(row.dataset.prompt) : 0 };
  if (given.what === "save") return save(row);
  if (given.what === "skip") {
    given.value = window.prompt(voicewright.t("script.why"), voicewright.t("script.not_needed"));
    if (given.value === null) return;
  }
  focused = byKeyboard ? given : null;
  trigger("choose", given);
};
const save = (row) => {
  const field = row.querySelector("input");
  const isNew = field.value.trim() !== field.dataset.was;
  if (isNew && Number(row.dataset.takes) && !window.confirm(voicewright.t("script.change"))) return;
  trigger("choose", { what: "save", prompt: Number(row.dataset.prompt), value: field.value, was: field.dataset.was });
};

element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-do]");
  if (button && !button.disabled) choose(button, event.detail === 0);
});
element.addEventListener("input", (event) => {
  const row = event.target.closest("[data-prompt]");
  if (row) typed = { prompt: row.dataset.prompt, was: event.target.dataset.was, value: event.target.value };
});
element.addEventListener("keydown", (event) => {
  const row = event.target.matches("[data-prompt] input") && event.target.closest("tr");
  if (!row || event.isComposing) return;
  if (event.key === "Enter") save(row);
  if (event.key === "Escape") trigger("choose", { what: "cancel", prompt: 0, value: "" });
});
new MutationObserver(() => {
  const field = element.querySelector("[data-prompt] input");
  if (!field) typed = null;
  if (field && document.activeElement !== field && !field.dataset.met) {
    field.dataset.met = "yes";
    const { prompt } = field.closest("[data-prompt]").dataset;
    if (typed && typed.prompt === prompt && typed.was === field.dataset.was) field.value = typed.value;
    field.focus();
    return;
  }
  if (!focused) return;
  const place = focused.prompt ? `[data-prompt="${focused.prompt}"] [data-do=${focused.what}]` : `[data-do=${focused.what}][data-value="${focused.value}"]`;
  const found = element.querySelector(place);
  if (found && !found.disabled) found.focus();
  focused = null;
}).observe(element, { childList: true, subtree: true });
