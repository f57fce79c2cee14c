// The least and the most of each figure: what is typed is counted at once (event `limits`), listed (`preview`), heard (`hear`), and
// only then rejected (`drop`). The fields are never written to, but for “clear”.
const vw = (window.voicewright = window.voicewright || {});
const dialog = element.querySelector("dialog"), of = (name) => element.querySelector(`[data-do=${name}]`);
const fields = [...element.querySelectorAll("[data-metric]")], TYPED_MS = 250;
const said = element.querySelector(".vw-limits-said"), inDialog = dialog.querySelector(".vw-bulk-said");
let timer = 0, mark = "", project = null, turn = 0;
const limits = () => {
  const found = {};
  for (const field of fields) if (field.value !== "") (found[field.dataset.metric] ||= [null, null])[field.dataset.side === "low" ? 0 : 1] = Number(field.value);
  return found;
};
const count = () => { clearTimeout(timer); trigger("limits", { limits: limits() }); };
const clear = () => { for (const field of fields) field.value = ""; };
element.addEventListener("input", (event) => {
  if (!event.target.dataset.metric) return;
  clearTimeout(timer);
  timer = setTimeout(count, TYPED_MS);
});
element.addEventListener("keydown", (event) => { if (event.target.matches("input") && ["Enter", "Escape"].includes(event.key)) { event.preventDefault(); event.target.blur(); count(); } });
of("hear").addEventListener("click", () => trigger("hear", { limits: limits() }));
of("preview").addEventListener("click", () => trigger("preview", { limits: limits(), turn: ++turn }));
of("clear").addEventListener("click", () => { clear(); count(); });
of("drop").addEventListener("click", () => { of("drop").disabled = true; trigger("drop", { limits: limits(), mark }); });
const ranges = (found) => {
  for (const field of fields) field.placeholder = (found[field.dataset.metric] || ["", ""])[field.dataset.side === "low" ? 0 : 1];
};
const show = () => {
  const value = props.value || {};
  if (value.ranges) {
    ranges(value.ranges);
    if (project !== null && project !== value.project) clear();
    project = value.project;
    if (Object.keys(limits()).length) count();
    return;
  }
  if (value.done) { if (dialog.open) dialog.close(); count(); return; }
  if (value.said === undefined) return;
  const any = Object.keys(limits()).length > 0;
  for (const cell of element.querySelectorAll("[data-drops]")) cell.textContent = (value.counts || {})[cell.dataset.drops] || "";
  said.textContent = any ? value.said : "";
  of("hear").disabled = of("preview").disabled = !value.n;
  if (value.n) of("preview").textContent = value.show;
  if (!value.open) return;
  mark = value.mark;
  inDialog.textContent = value.said;
  dialog.querySelector(".vw-bulk-rows").innerHTML = value.html; // made by ui/view.py, which escapes what people wrote
  of("drop").textContent = value.button;
  of("drop").disabled = !value.n;
  if (!dialog.open) dialog.showModal();
};
watch("value", show);
show();
