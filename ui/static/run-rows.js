// Rows about a run: clips and made sounds that can be heard, and folds that stay open when the timer draws anew.
const open = new Set(), closed = new Set();
let sound = null, playing = "";
const mark = () => element.querySelectorAll("[data-play]").forEach((button) => {
  const isPlaying = button.dataset.play === playing;
  button.setAttribute("aria-pressed", String(isPlaying));
  button.textContent = isPlaying ? voicewright.t("room.hush") : voicewright.t("room.hear");
});
const end = () => { if (sound) sound.pause(); sound = null; playing = ""; mark(); };
const play = (clip, place) => {
  const again = clip === playing;
  end();
  if (again) return;
  playing = clip;
  sound = new Audio(place || `/audio/${encodeURIComponent(clip)}`);
  sound.addEventListener("ended", end);
  sound.addEventListener("error", () => {
    if (playing === clip) end();
    element.querySelectorAll(`[data-play="${CSS.escape(clip)}"]`).forEach((button) => { button.disabled = true; button.textContent = voicewright.t("room.not_heard"); });
  });
  sound.play().catch(() => {});
  mark();
};
element.addEventListener("click", (event) => { const button = event.target.closest("button[data-play]"); if (button) play(button.dataset.play, button.dataset.place); });
element.addEventListener("toggle", (event) => {
  const name = event.target.dataset.fold;
  if (!name) return;
  (event.target.open ? open : closed).add(name);
  (event.target.open ? closed : open).delete(name);
}, true);
watch("value", () => {
  element.querySelectorAll("details[data-fold]").forEach((fold) => { if (open.has(fold.dataset.fold)) fold.open = true; if (closed.has(fold.dataset.fold)) fold.open = false; });
  mark();
});
