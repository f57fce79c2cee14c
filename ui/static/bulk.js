// The dialog that changes all listed takes: what is chosen is shown line by line (event `preview`) before it is done (`apply`).
const vw = (window.voicewright = window.voicewright || {});
const dialog = element.querySelector("dialog"), rows = element.querySelector(".vw-bulk-rows"), said = element.querySelector(".vw-bulk-said");
const of = (name) => element.querySelector(`[data-bulk=${name}]`);
const TYPED_MS = 400;
let timer = 0, mark = "", turn = 0; // another turn makes an answer that is like the last one a new one
const asked = () => ({ action: of("action").value, flag: of("flag").value, find: of("find").value, put: of("put").value, whole_words: of("whole_words").checked, turn: ++turn });
const preview = () => {
  clearTimeout(timer);
  for (const label of dialog.querySelectorAll("[data-for]")) label.hidden = label.dataset.for !== of("action").value;
  of("apply").disabled = true;
  if (of("action").value === "replace" && !of("find").value.trim()) { rows.innerHTML = said.textContent = ""; return; }
  trigger("preview", { asked: asked() });
};
const open = () => { rows.innerHTML = said.textContent = ""; dialog.showModal(); preview(); };
of("open").addEventListener("click", open);
dialog.addEventListener("input", (event) => {
  of("apply").disabled = true;
  clearTimeout(timer);
  timer = setTimeout(preview, event.target.type === "text" ? TYPED_MS : 0);
});
dialog.addEventListener("keydown", (event) => { // in a field Enter would press the button that cancels
  if (event.key === "Enter" && event.target.matches("input[type=text]")) { event.preventDefault(); preview(); }
});
of("apply").addEventListener("click", () => { of("apply").disabled = true; trigger("apply", { asked: asked(), mark }); });
const show = () => {
  const value = props.value || {};
  if (value.done) { if (dialog.open) dialog.close(); return; }
  mark = value.mark || "";
  rows.innerHTML = value.html || ""; // made by ui/view.py, which escapes what people wrote
  said.textContent = value.said || "";
  of("apply").textContent = value.button || vw.t("bulk.do");
  of("apply").disabled = !value.n;
};
vw.onKey?.("Review", "bulk", open);
watch("value", show);
