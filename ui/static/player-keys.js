// The keys of a player (the table is ui/keys.json), and its start: what the files before it need is all there now.
const on = (action, act) => vw.onKey && vw.onKey(tab, action, act);
on("play", toggle);
on("back", () => jump(audio.currentTime - 1));
on("loop", loop);
on("slower", () => quicker(-1));
on("faster", () => quicker(1));
on("word", () => playWord(at));
on("word-before", () => playWord(at - 1));
on("word-after", () => playWord(at + 1));
for (const [action, side, by] of [["start-earlier", "start", -STEP], ["start-later", "start", STEP], ["end-earlier", "end", -STEP], ["end-later", "end", STEP]]) {
  on(action, () => nudge(side, by));
}
if (tools) {
  for (const chip of tools.querySelectorAll("[data-flag]")) on(`flag-${chip.dataset.flag}`, () => flag(chip.dataset.flag));
  on("note", () => toolOf("note").focus());
  on("set-start", () => trim(here(), shown.to));
  on("set-end", () => trim(shown.from, here()));
  on("split", split);
  on("join", join);
}
if (inField) {
  on("edit", () => { const box = field(); if (box) { box.focus(); box.setSelectionRange(box.value.length, box.value.length); } });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && event.target === field()) event.target.blur(); }, { signal });
}
watch("value", show);
show();
