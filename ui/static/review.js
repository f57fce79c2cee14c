// The player of one clip (Review and Spot-check): waveform, play, speed; it plays on arrival, and fetches the next clip ahead.
// Runs as js_on_load of a gr.HTML whose value is ui/player.py's clip_value; its markup names the tab and the id of the text
// field, if there is one. words.js, tools.js, drafts.js and player-keys.js follow in the same scope; the last one starts it.
const vw = (window.voicewright = window.voicewright || {});
const { tab, field: inField } = element.querySelector(".vw-player").dataset;
// a player that is drawn again takes over from the one before
vw.players = vw.players || {};
vw.players[tab]?.abort();
const { signal } = (vw.players[tab] = new AbortController());
const one = (selector) => element.querySelector(selector);
const audio = one("audio"), canvas = one("canvas"), playButton = one("[data-act=play]"), clock = one(".vw-clock");
const auto = one("[data-act=auto]"), speed = one("[data-act=speed]");
const ahead = new Map(); // address -> object URL of its audio, at most two
let shown = { clip: "" }, peaks = [];

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
  followWords();
  draw();
};
const follow = () => { keepToStretch(); tell(); if (!audio.paused) requestAnimationFrame(follow); };

// --- playing; a stretch (a word, or in a loop the whole clip) ends or begins again where it is over
let stretch = null, isLooping = false;
const loopButton = one("[data-act=loop]");
const keepToStretch = () => {
  if (!stretch || audio.paused || audio.currentTime < stretch.end - 0.004) return;
  if (isLooping) audio.currentTime = stretch.start;
  else { audio.pause(); stretch = null; }
};
const setLoop = (on) => { isLooping = on; loopButton.setAttribute("aria-pressed", String(on)); };
const play = () => { audio.preservesPitch = true; audio.playbackRate = Number(speed.value); audio.play().catch(() => tell()); };
const playStretch = (start, end) => { stretch = { start, end }; audio.currentTime = start; play(); };
const freely = () => { stretch = null; setLoop(false); };
const toggle = () => (audio.paused ? play() : audio.pause());
const jump = (to) => { freely(); audio.currentTime = Math.min(Math.max(to, 0), length()); tell(); };
const loop = () => {
  setLoop(!isLooping);
  if (!isLooping) { audio.pause(); stretch = null; return; }
  const word = currentWord() || { start: 0, end: length() };
  playStretch(word.start, word.end);
};
const quicker = (by) => {
  speed.selectedIndex = Math.min(Math.max(speed.selectedIndex + by, 0), speed.options.length - 1);
  speed.dispatchEvent(new Event("change"));
};
audio.addEventListener("play", follow);
audio.addEventListener("timeupdate", keepToStretch);
audio.addEventListener("ended", () => { if (isLooping && stretch) playStretch(stretch.start, stretch.end); else stretch = null; });
for (const kind of ["pause", "ended", "loadedmetadata", "seeked"]) audio.addEventListener(kind, tell);
audio.addEventListener("error", () => { if (shown.clip) clock.textContent = vw.t("player.not_loaded"); });
playButton.addEventListener("click", toggle);
loopButton.addEventListener("click", loop);
one("[data-act=back]").addEventListener("click", () => jump(audio.currentTime - 1));
speed.addEventListener("change", () => { audio.playbackRate = Number(speed.value); vw.remember("speed", speed.value); });
auto.addEventListener("change", () => vw.remember("auto", auto.checked ? "1" : ""));
canvas.addEventListener("click", (event) => { jump(event.offsetX / canvas.clientWidth * length()); play(); });
speed.value = vw.remembered("speed") || "1";
auto.checked = vw.remembered("auto") !== "";
new ResizeObserver(draw).observe(canvas);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => setTimeout(draw, 100), { signal });

// --- one clip after the other; another trim of a clip is another sound
const soundOf = (clip, from, to) => `/audio/${clip}?at=${from}-${to}`;
const fetchAhead = async (address) => {
  if (ahead.has(address)) return;
  const answer = await fetch(address).catch(() => null);
  if (!answer || !answer.ok) return;
  ahead.set(address, URL.createObjectURL(await answer.blob()));
  for (const old of [...ahead.keys()].slice(0, -2)) { URL.revokeObjectURL(ahead.get(old)); ahead.delete(old); }
};
const loadPeaks = async (address) => {
  const answer = await fetch(address.replace("/audio/", "/peaks/") + "&n=600").catch(() => null);
  const found = answer && answer.ok ? await answer.json() : [];
  if (address === soundOf(shown.clip, shown.from, shown.to)) { peaks = found; draw(); }
};
const show = () => {
  const before = shown;
  shown = props.value && props.value.clip ? props.value : { clip: "" };
  vw.shown = vw.shown || {};
  vw.shown[tab] = shown;
  element.classList.toggle("vw-empty", !shown.clip);
  if (before.version !== shown.version) vw.newsSeen?.[tab]?.();
  keepDraft(before.clip);
  const address = soundOf(shown.clip, shown.from, shown.to), isSame = address === soundOf(before.clip, before.from, before.to);
  if (!isSame) freely();
  showWords(before.clip);
  showTools();
  if (!shown.clip || isSame) return;
  peaks = [];
  audio.src = ahead.get(address) || address;
  loadPeaks(address);
  const next = shown.next;
  if (next && next.to - next.from < 60) setTimeout(() => fetchAhead(soundOf(next.clip, next.from, next.to)), 300);
  tell();
  // never on arrival of the page itself: only after the person moved on
  if (before.clip && before.clip !== shown.clip && auto.checked && vw.openTab && vw.openTab() === tab) play();
};
