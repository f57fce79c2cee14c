// What else a reviewer does to a clip (Review only): flags, a note, trim as numbers, split and join. Nothing touches a sound.
const tools = one(".vw-tools");
const toolOf = (name) => tools.querySelector(`[data-tool=${name}]`);
const ask = (what, asked) => { if (shown.clip) trigger("desk", { what, asked: { clip: shown.clip, version: shown.version, ...asked } }); };
const flag = (name) => {
  const was = shown.flags || [];
  ask("flag", { flag: name, on: !was.includes(name) });
  const now = [...tools.querySelectorAll("[data-flag]")].map((chip) => chip.dataset.flag);
  shown = { ...shown, flags: now.filter((one) => was.includes(one) !== (one === name)) }; // the next key may come before the answer
  showTools();
};
const trim = (from, to) => ask("trim", { from: shown.from, to: shown.to, start: from, end: to });
const here = () => shown.from + audio.currentTime;
const split = () => ask("split", { at: audio.currentTime, cursor: field() ? field().selectionStart : null });
const join = () => ask("join", {});
const fill = (input, value) => { if (document.activeElement !== input) input.value = value; };
const showTools = () => {
  if (!tools) return;
  for (const chip of tools.querySelectorAll("[data-flag]")) chip.setAttribute("aria-pressed", String((shown.flags || []).includes(chip.dataset.flag)));
  fill(toolOf("note"), shown.note || "");
  for (const [name, value] of [["start", shown.from], ["end", shown.to]]) {
    toolOf(name).max = shown.whole;
    fill(toolOf(name), shown.clip ? value.toFixed(2) : "");
  }
};
if (tools) {
  tools.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.flag) flag(button.dataset.flag);
    ({ "set-start": () => trim(here(), shown.to), "set-end": () => trim(shown.from, here()), split, join, whole: () => trim(0, shown.whole) })[button.dataset.do]?.();
  });
  tools.addEventListener("change", ({ target }) => {
    if (target.dataset.tool === "note") {
      ask("note", { note: target.value, was: shown.note || "" });
      shown = { ...shown, note: target.value.trim().replace(/\s+/g, " ") };
    }
    else if (target.dataset.tool === "start") trim(Number(target.value), shown.to);
    else if (target.dataset.tool === "end") trim(shown.from, Number(target.value));
  });
  tools.addEventListener("keydown", (event) => {
    if (["Enter", "Escape"].includes(event.key) && event.target.matches("input")) event.target.blur();
  });
}
