// What stands in the library now, beside what this page shows: the newer is loaded by itself, but never over typed text.
// Runs as js_on_load of a gr.HTML whose value is {clip, counts} and FIELDS; its markup names the tab.
const vw = (window.voicewright = window.voicewright || {});
const box = element.querySelector(".vw-news"), { tab } = box.dataset;
const FIELDS = ["version", "decision", "flags", "from", "to", "timed"];
const compare = () => {
  const now = props.value || {}, mine = (vw.shown || {})[tab] || { clip: "" };
  box.replaceChildren();
  for (const [name, count] of Object.entries(now.counts || {})) {
    const shown = document.querySelector(`[data-filter="${name}"] b`);
    if (shown) shown.textContent = count.toLocaleString(vw.language);
  }
  const arrived = !mine.clip && now.clip;
  const changed = mine.clip && now.clip === mine.clip && FIELDS.some((name) => String(now[name]) !== String(mine[name]));
  if (!arrived && !changed) return;
  const typed = vw.dirty && vw.dirty[tab] && vw.dirty[tab]();
  if (arrived || !typed) return trigger("reload", {});
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = vw.t("news.show");
  button.addEventListener("click", () => { box.replaceChildren(); trigger("reload", {}); });
  box.append(`${vw.t("news.changed")} `, button);
};
// what was news a moment ago is what the page shows now
vw.newsSeen = { ...vw.newsSeen, [tab]: () => box.replaceChildren() };
watch("value", compare);
