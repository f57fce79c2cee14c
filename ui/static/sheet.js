// Many options as one part: what is entered becomes its value {key: entered}; a value from the server fills the fields, and hides
// those whose keys it lacks.
const rows = [...element.querySelectorAll("[data-key]")];
const fieldOf = (row) => row.querySelector("[data-kind]"), rangeOf = (row) => row.querySelector("[type=range]");
const isNumber = (field) => field.type === "number";
const held = (field) => {
  if (field.type === "checkbox") return field.checked;
  if (!isNumber(field)) return field.value;
  if (field.validity.badInput) return "?"; // what is no number is not taken for an empty field
  return field.value === "" ? null : Number(field.value);
};
const fill = (row, value) => {
  const field = fieldOf(row), range = rangeOf(row);
  // what says the same already stays as it was typed: 0.10 is 0.1
  if (held(field) !== value) field.type === "checkbox" ? (field.checked = !!value) : (field.value = value ?? "");
  if (range) range.value = field.value;
};
const show = () => {
  const value = props.value || {};
  for (const row of rows) {
    row.hidden = !(row.dataset.key in value);
    if (!row.hidden) fill(row, value[row.dataset.key]);
  }
};
element.addEventListener("input", (event) => {
  const row = event.target.closest("[data-key]");
  if (!row) return;
  if (event.target === rangeOf(row)) fieldOf(row).value = event.target.value;
  props.value = { ...props.value, [row.dataset.key]: held(fieldOf(row)) };
  if (rangeOf(row)) rangeOf(row).value = fieldOf(row).value;
});
watch("value", show);
show();
