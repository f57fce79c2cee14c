// The words on the waveform: a click or Enter plays one, its edges are drawn or pushed by keys where texts can be edited.
// A moved edge is saved by itself, once the hand rests; it carries the version that was seen, so nobody's is overwritten.
const lane = one(".vw-lane"), edges = one(".vw-edges"), list = one(".vw-word-list"), aboutTimes = one(".vw-timed");
const STEP = 0.01, REST_MS = 400, ANSWER_MS = 4000;
let words = [], at = 0, moved = null, isSent = false, rest = 0;

const currentWord = () => words[at];
const spread = (mark, { start, end }) => {
  mark.style.left = `${100 * start / shown.seconds}%`;
  mark.style.width = `${100 * (end - start) / shown.seconds}%`;
};
const edge = (side) => edges.querySelector(`[data-edge=${side}]`);
const moment = (value) => vw.t("player.moment", { seconds: value });
const placeEdges = () => {
  const word = currentWord();
  edges.hidden = !word || !inField;
  if (edges.hidden) return;
  for (const side of ["start", "end"]) {
    const handle = edge(side);
    handle.style.left = `${100 * word[side] / shown.seconds}%`;
    handle.setAttribute("aria-label", vw.t(side === "start" ? "player.word_start" : "player.word_end", { word: word.text }));
    handle.setAttribute("aria-valuemax", String(shown.seconds));
    handle.setAttribute("aria-valuenow", String(word[side]));
    handle.setAttribute("aria-valuetext", moment(word[side]));
  }
};
const select = (index) => {
  at = Math.min(Math.max(index, 0), Math.max(words.length - 1, 0));
  for (const mark of element.querySelectorAll("[data-word]")) {
    if (Number(mark.dataset.word) === at) mark.setAttribute("aria-current", "true"); else mark.removeAttribute("aria-current");
  }
  placeEdges();
};
// the word that is heard just now stands out
const followWords = () => {
  const now = audio.paused ? -1 : words.findIndex(({ start, end }) => audio.currentTime >= start && audio.currentTime < end);
  for (const mark of element.querySelectorAll("[data-word]")) mark.classList.toggle("vw-now", Number(mark.dataset.word) === now);
};
const playWord = (index) => {
  if (!words.length) return;
  select(index);
  playStretch(currentWord().start, currentWord().end);
};
const drawWords = () => {
  const marks = words.map((word, index) => {
    const mark = Object.assign(document.createElement("span"), { textContent: word.text });
    mark.dataset.word = index;
    spread(mark, word);
    return mark;
  });
  lane.replaceChildren(...marks);
  if ([...list.children].map((button) => button.textContent).join(" ") !== words.map((word) => word.text).join(" ")) {
    list.replaceChildren(...words.map((word, index) => {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: word.text });
      button.dataset.word = index;
      return button;
    }));
  }
  for (const button of list.children) {
    const { start, end } = words[Number(button.dataset.word)];
    button.title = `${moment(start)} – ${moment(end)}`;
  }
  select(at);
};

// --- moving an edge of the current word
const limits = (side) => {
  const word = currentWord(), before = words[at - 1], after = words[at + 1];
  return side === "start"
    ? [before ? Math.min(before.end, word.first.start) : 0, word.end - STEP]
    : [word.start + STEP, after ? Math.max(after.start, word.first.end) : shown.seconds];
};
const moveEdge = (side, to) => {
  const word = currentWord();
  if (!word || !inField) return;
  const [low, high] = limits(side);
  word[side] = Math.round(Math.min(Math.max(to, low), high) * 1000) / 1000;
  moved = { clip: shown.clip, version: shown.version, index: at, start: word.start, end: word.end };
  spread(lane.children[at], word);
  placeEdges();
  if (stretch) stretch = { start: word.start, end: word.end };
};
const saveMoved = () => {
  clearTimeout(rest);
  if (!moved || isSent) return;
  const asked = moved;
  moved = null;
  isSent = true;
  setTimeout(() => { isSent = false; }, ANSWER_MS); // an answer that says what was there already is not told
  trigger("desk", { what: "word", asked });
};
const nudge = (side, by) => {
  if (!currentWord()) return;
  moveEdge(side, currentWord()[side] + by);
  clearTimeout(rest);
  rest = setTimeout(saveMoved, REST_MS);
};
for (const side of ["start", "end"]) {
  const handle = edge(side);
  handle.addEventListener("pointerdown", (event) => { handle.setPointerCapture(event.pointerId); event.preventDefault(); handle.focus(); });
  handle.addEventListener("pointermove", (event) => {
    if (!handle.hasPointerCapture(event.pointerId)) return;
    const { left, width } = lane.getBoundingClientRect();
    moveEdge(side, (event.clientX - left) / width * shown.seconds);
  });
  handle.addEventListener("pointerup", saveMoved);
  handle.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -STEP, ArrowDown: -STEP, ArrowRight: STEP, ArrowUp: STEP }[event.key];
    if (!by || event.shiftKey) return;
    event.preventDefault();
    nudge(side, by);
  });
}
const isOfEdges = (event) => event.key === "Shift" || event.key.startsWith("Arrow") && (event.shiftKey || event.target.matches?.("[data-edge]"));
// whatever else is done next comes after what was moved
window.addEventListener("keydown", (event) => { if (moved && !isOfEdges(event)) saveMoved(); }, { capture: true, signal });
window.addEventListener("pointerdown", () => { if (moved) saveMoved(); }, { capture: true, signal });

// --- what the server says
const showWords = (before) => {
  isSent = false;
  words = (shown.words || []).map(([text, start, end]) => ({ text, start, end, first: { start, end } }));
  if (before !== shown.clip) at = 0;
  if (moved && moved.clip === shown.clip && words[moved.index]) { // moved on while the answer was under way
    moved.version = shown.version;
    Object.assign(words[moved.index], { start: moved.start, end: moved.end });
  }
  aboutTimes.textContent = shown.times || "";
  list.hidden = !words.length;
  drawWords();
  if (moved && moved.clip !== shown.clip) saveMoved();
};
for (const place of [lane, list]) {
  place.addEventListener("click", (event) => {
    const mark = event.target.closest("[data-word]");
    if (mark) playWord(Number(mark.dataset.word));
  });
}
