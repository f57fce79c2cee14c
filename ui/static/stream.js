// Listening along: sound from the recorder's worklet goes to the host in small pieces, one at a time, and the words
// come back. What waits to be sent is all that is held; past the limit the stream ends with a sentence.
const vw = window.voicewright;
const PIECE = 0.16; // seconds that are sent at once, where the machine keeps up
const MOST_PIECE = 2; // and where it does not
const BEHIND = 2; // seconds behind the voice from which it is said
const MOST_BEHIND = 30; // seconds that may wait
const $ = (name) => element.querySelector(`.vw-stream${name}`);
const desk = $(""), model = $("-model"), start = $("-start"), stop = $("-stop"), text = $("-text");
let mic = null, stream = "", rate = 0, waiting = [], nWaiting = 0, captured = 0, delay = 0, begun = 0, sending = false;

const phase = (name) => {
  desk.dataset.phase = name;
  start.hidden = name !== "off";
  stop.hidden = name === "off";
  stop.disabled = name !== "on";
  model.disabled = name !== "off";
};
const say = (sentence, kind = "info") => {
  $("-said").replaceChildren();
  if (!sentence) return;
  const note = document.createElement("p");
  note.className = `vw-note vw-${kind}`;
  note.textContent = sentence;
  $("-said").append(note);
};
const ask = async (path, query, body) => {
  const answer = await fetch(`${vw.base}listen/${path}?${new URLSearchParams(query)}`, { method: "POST", body });
  const found = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(found.error || vw.t("stream.no_answer"));
  return found;
};
const models = async () => {
  if (desk.dataset.phase !== "off") return;
  const answer = await fetch(`${vw.base}listen/models`).catch(() => null);
  const found = answer && answer.ok ? await answer.json() : [];
  const before = model.value;
  model.replaceChildren(...found.map(([title, name]) => new Option(title, name)));
  if (found.some(([, name]) => name === before)) model.value = before;
  start.disabled = !found.length;
  if (!found.length) say(vw.t("stream.no_model"));
};
const level = (block) => {
  const power = block.reduce((sum, x) => sum + x * x, 0) / block.length;
  const share = Math.max(0, Math.min(1, 1 + 10 * Math.log10(power + 1e-12) / 60));
  $("-level").style.setProperty("--share", `${100 * share}%`);
};
const told = (found) => {
  if (found.text) text.append(found.text);
  const lag = Math.max(0, captured - found.heard);
  $("-delay").textContent = vw.t("stream.delay", { model: delay, lag });
  desk.dataset.lag = lag.toFixed(2);
  desk.dataset.heard = found.heard.toFixed(2);
  if (lag > BEHIND) say(vw.t("stream.behind", { lag, factor: (performance.now() - begun) / 1000 / Math.max(found.heard, 0.01) }), "warn");
  else if (desk.dataset.phase === "on") say("");
};
const next = () => {
  const most = MOST_PIECE * rate, parts = [];
  let n = 0;
  while (waiting.length && n < most) { parts.push(waiting[0]); n += waiting.shift().length; }
  nWaiting -= n;
  const piece = new Float32Array(n);
  let at = 0;
  for (const part of parts) { piece.set(part, at); at += part.length; }
  return piece;
};
const send = async () => {
  if (sending || !stream) return;
  sending = true;
  try {
    while (stream && nWaiting && (nWaiting >= PIECE * rate || !mic)) told(await ask("push", { stream, rate }, next()));
  } catch (error) {
    broken(error.message);
  } finally {
    sending = false;
  }
};
const close = () => {
  if (mic) mic.close();
  mic = null;
  $("-level").style.setProperty("--share", "0%");
};
const broken = (sentence) => {
  const lost = stream;
  close();
  stream = "";
  waiting = []; nWaiting = 0;
  if (lost) ask("drop", { stream: lost }).catch(() => {});
  phase("off");
  say(sentence, "bad");
};
class Live extends vw.Microphone {
  heard({ block }) {
    level(block);
    if (!stream || mic !== this) return;
    waiting.push(block.slice());
    nWaiting += block.length;
    captured += block.length / rate;
    if (nWaiting > MOST_BEHIND * rate) broken(vw.t("stream.too_slow", { n: MOST_BEHIND }));
    else send();
  }
}
const begin = async () => {
  phase("opening");
  say(vw.t("stream.opening"));
  text.replaceChildren();
  waiting = []; nWaiting = captured = 0;
  mic = new Live();
  try {
    await mic.open();
    mic.onlost = () => broken(vw.t("stream.lost"));
    rate = mic.context.sampleRate;
    const opened = await ask("open", { model: model.value });
    delay = opened.delay;
    stream = opened.stream;
    begun = performance.now();
    phase("on");
    say(opened.choice);
  } catch (error) {
    const rows = error.name === "Insecure" ? vw.insecure() : null;
    broken(rows ? rows.map((row) => row.text).join(" ") : error instanceof DOMException ? vw.microphoneSentence(error) : error.message);
  }
};
const end = async () => {
  phase("ending");
  close();
  while (sending) await new Promise((done) => setTimeout(done, 30));
  await send(); // what still waits
  if (!stream) return;
  const last = stream;
  stream = "";
  try {
    told(await ask("stop", { stream: last }));
    say(vw.t("stream.stopped"), "ok");
  } catch (error) {
    say(error.message, "bad");
  }
  phase("off");
};
start.addEventListener("click", begin);
stop.addEventListener("click", end);
model.addEventListener("focus", models);
window.addEventListener("pagehide", () => { if (stream) navigator.sendBeacon(`${vw.base}listen/drop?${new URLSearchParams({ stream })}`); });
models();
