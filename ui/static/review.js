// The player of one clip (Review and Spot-check): waveform, play, speed; it plays on arrival, and fetches the next clip ahead.
// Runs as js_on_load of a gr.HTML whose value is {clip, seconds, next, version, text}; its markup names the tab and the id of
// the text field, if there is one: what is typed there is kept in the browser until it is saved.
const vw = (window.voicewright = window.voicewright || {});
const { tab, field: inField } = element.querySelector(".vw-player").dataset;
// a player that is drawn again takes over from the one before
vw.players = vw.players || {};
vw.players[tab]?.abort();
const { signal } = (vw.players[tab] = new AbortController());
const one = (selector) => element.querySelector(selector);
const audio = one("audio"), canvas = one("canvas"), playButton = one("[data-act=play]"), clock = one(".vw-clock");
const auto = one("[data-act=auto]"), speed = one("[data-act=speed]");
const ahead = new Map(); // clip id -> object URL of its audio, at most two
let shown = { clip: "" }, peaks = [], moved = false;

const seconds = (value) => vw.t("view.length", { seconds: value });
const length = () => (Number.isFinite(audio.duration) ? audio.duration : shown.seconds || 0);
// --- waveform
const draw = () => {
  const scale = window.devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
  if (!width) return;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const pen = canvas.getContext("2d"), style = getComputedStyle(canvas), done = length() ? audio.currentTime / length() : 0;
  pen.scale(scale, scale);
  pen.fillStyle = style.getPropertyValue("--vw-wave-axis");
  pen.fillRect(0, height / 2, width, 1);
  const bar = width / Math.max(peaks.length, 1);
  peaks.forEach(([low, high], i) => {
    pen.fillStyle = style.getPropertyValue(i / peaks.length < done ? "--vw-wave-done" : "--vw-wave");
    const top = height / 2 * (1 - high), tall = Math.max(height / 2 * (high - low), 1);
    pen.fillRect(i * bar, top, Math.max(bar - 0.5, 0.5), tall);
  });
  pen.fillStyle = style.getPropertyValue("--vw-wave-needle");
  pen.fillRect(Math.min(done * width, width - 2), 0, 2, height);
};
const tell = () => {
  clock.textContent = `${seconds(audio.currentTime)} / ${seconds(length())}`;
  playButton.textContent = vw.t(audio.paused ? "player.play" : "player.pause");
  draw();
};
const follow = () => { tell(); if (!audio.paused) requestAnimationFrame(follow); };

// --- playing
const play = () => { audio.playbackRate = Number(speed.value); audio.play().catch(() => tell()); };
const toggle = () => (audio.paused ? play() : audio.pause());
const jump = (to) => { audio.currentTime = Math.min(Math.max(to, 0), length()); tell(); };
audio.addEventListener("play", follow);
for (const kind of ["pause", "ended", "loadedmetadata", "seeked"]) audio.addEventListener(kind, tell);
audio.addEventListener("error", () => { if (shown.clip) clock.textContent = vw.t("player.not_loaded"); });
playButton.addEventListener("click", toggle);
one("[data-act=back]").addEventListener("click", () => jump(audio.currentTime - 1));
speed.addEventListener("change", () => { audio.playbackRate = Number(speed.value); vw.remember("speed", speed.value); });
auto.addEventListener("change", () => vw.remember("auto", auto.checked ? "1" : ""));
canvas.addEventListener("click", (event) => { jump(event.offsetX / canvas.clientWidth * length()); play(); });
speed.value = vw.remembered("speed") || "1";
auto.checked = vw.remembered("auto") !== "";
new ResizeObserver(draw).observe(canvas);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => setTimeout(draw, 100), { signal });

// --- one clip after the other
const fetchAhead = async (clip) => {
  if (!clip || ahead.has(clip)) return;
  const answer = await fetch(`/audio/${clip}`).catch(() => null);
  if (!answer || !answer.ok) return;
  ahead.set(clip, URL.createObjectURL(await answer.blob()));
  for (const old of [...ahead.keys()].slice(0, -2)) { URL.revokeObjectURL(ahead.get(old)); ahead.delete(old); }
};
const loadPeaks = async (clip) => {
  const answer = await fetch(`/peaks/${clip}?n=600`).catch(() => null);
  const found = answer && answer.ok ? await answer.json() : [];
  if (clip === shown.clip) { peaks = found; draw(); }
};
const show = () => {
  const before = shown.clip;
  shown = props.value && props.value.clip ? props.value : { clip: "" };
  vw.shown = vw.shown || {};
  vw.shown[tab] = shown;
  element.classList.toggle("vw-empty", !shown.clip);
  forgetOldDraft(before);
  restoreDraft();
  if (!shown.clip || shown.clip === before) return;
  peaks = [];
  audio.src = ahead.get(shown.clip) || `/audio/${shown.clip}`;
  loadPeaks(shown.clip);
  if (shown.next_seconds < 60) setTimeout(() => fetchAhead(shown.next), 300);
  tell();
  // never on arrival of the page itself: only after the person moved on
  if (before && auto.checked && vw.openTab && vw.openTab() === tab) play();
};

// --- what is typed and not saved outlives a reload
const field = () => (inField ? document.querySelector(`#${inField} textarea, #${inField} input`) : null);
const draftKey = `draft-${tab}`;
const isDirty = () => { const box = field(); return Boolean(box && shown.clip && box.value.trim() !== (shown.text || "").trim()); };
const forgetOldDraft = (before) => { // what was typed is saved when one goes on, so that undo must not bring it back as typed
  const draft = JSON.parse(vw.remembered(draftKey) || "{}");
  if (before && (draft.clip !== shown.clip || draft.version !== shown.version)) vw.remember(draftKey, "");
};
const restoreDraft = () => setTimeout(() => {
  if (field()) field().dir = "auto"; // Gradio's text field knows one direction only
  const draft = JSON.parse(vw.remembered(draftKey) || "{}"), box = field();
  if (!box || draft.clip !== shown.clip || draft.version !== shown.version || box.value === draft.text) return;
  box.value = draft.text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}, 80);
if (inField) document.addEventListener("input", (event) => {
  if (event.target !== field() || !shown.clip) return;
  if (isDirty()) vw.remember(draftKey, JSON.stringify({ clip: shown.clip, version: shown.version, text: event.target.value }));
  else vw.remember(draftKey, "");
}, { signal });
vw.dirty = vw.dirty || {};
vw.dirty[tab] = () => isDirty() || document.activeElement === field();

// --- keys (the table is ui/keys.json)
const on = (action, act) => vw.onKey && vw.onKey(tab, action, act);
on("play", toggle);
on("back", () => jump(audio.currentTime - 1));
on("previous", () => document.getElementById(`${tab.toLowerCase()}-prev`)?.click());
if (inField) {
  on("edit", () => { const box = field(); if (box) { box.focus(); box.setSelectionRange(box.value.length, box.value.length); } });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && event.target === field()) event.target.blur(); }, { signal });
}
watch("value", show);
show();
