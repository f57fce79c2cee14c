// Search, flag, speaker and order of the list on the Review tab: what is chosen becomes one `find` event.
// A field that is being typed into is never written to.
const vw = (window.voicewright = window.voicewright || {});
const of = (name) => element.querySelector(`[data-find=${name}]`);
const NAMES = ["query", "flag", "speaker", "sort"], TYPED_MS = 300;
let timer = 0, last = "";
const find = () => {
  clearTimeout(timer);
  const given = Object.fromEntries(NAMES.map((name) => [name, of(name).value]));
  if (JSON.stringify(given) === last) return;
  last = JSON.stringify(given);
  trigger("find", { asked: given });
};
element.addEventListener("input", (event) => {
  clearTimeout(timer);
  timer = setTimeout(find, event.target === of("query") ? TYPED_MS : 0);
});
of("query").addEventListener("keydown", (event) => {
  if (!["Enter", "Escape"].includes(event.key)) return;
  if (event.key === "Escape") of("query").value = "";
  event.preventDefault();
  find();
  event.target.blur();
});
const fill = () => {
  const value = props.value || {}, speakers = value.speakers || [];
  of("speaker").replaceChildren(new Option(vw.t("find.any_speaker"), ""), ...speakers.map((name) => new Option(name, name)));
  for (const name of NAMES) if (name !== "query" || document.activeElement !== of(name)) of(name).value = value[name] || (name === "sort" ? "oldest" : "");
  last = JSON.stringify(Object.fromEntries(NAMES.map((name) => [name, of(name).value])));
  of("speaker").closest("label").hidden = speakers.length < 2;
  element.querySelector(".vw-found").textContent = value.found || "";
};
vw.onKey?.("Review", "search", () => { of("query").focus(); of("query").select(); });
watch("value", fill);
fill();
