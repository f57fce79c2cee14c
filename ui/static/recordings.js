// The time line of a long recording: all of it on two canvases, so that thousands of stretches draw at once. Runs as js_on_load
// of a gr.HTML whose value is {recordings: [{id, name, seconds}], stamp, anchors: [{id, recording, at, words}]}. What is on the
// line comes from /recording/ID/line; event `anchor` tells {asked: {recording, section, word, at}}, `unanchor` {asked: {id}},
// `again` {asked: {recording}}. recordings-play.js, recordings-retry.js and recordings-start.js follow in the same scope.
const vw = (window.voicewright = window.voicewright || {});
const TAB = "Recordings", LONGEST = 55, DRAG_PX = 5;
vw.timeline?.abort();
const { signal } = (vw.timeline = new AbortController());
const one = (selector) => element.querySelector(selector), part = (name) => one(`[data-line=${name}]`);
const view = part("view"), over = part("over"), audio = one("audio"), box = one(".vw-line");
const KINDS = ["matched", "uncertain", "unmatched", "sound", "silence", "unreadable"];
const TALL = [1, 0.86, 0.66, 0.42, 0.14, 1]; // the height says the kind, too: no colour stands alone
let given = { recordings: [] }, line = null, stamp = "", chosen = -1, span = 0, left = 0, mark = null, outline = null;

const clockOf = (at, digits = 1) => {
  const whole = Math.max(0, at), hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
  const rest = (whole % 60).toFixed(digits).padStart(digits ? 3 + digits : 2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
};
const secondsOf = (text) => {
  const parts = String(text).trim().replace(",", ".").split(":").map(Number);
  return parts.length > 3 || parts.some((one) => !Number.isFinite(one) || one < 0) ? NaN : parts.reduce((sum, one) => 60 * sum + one, 0);
};
const lasting = (seconds) => (seconds < 90 ? vw.t("long.seconds", { seconds }) : vw.t("long.minutes", { minutes: seconds / 60 }));
const pieceOf = (row) => row && {
  start: row[0], end: row[1], kind: KINDS[row[2]], clip: row[3] || "", name: row[4] || "", decision: row[6] || "", figures: row[7] || [],
  doubts: row[8] || [], text: row[3] ? row[5] : "", sentence: row[3] ? "" : row[5] || "" };
const pieces = () => (line ? line.pieces : []);
const piece = () => pieceOf(pieces()[chosen]);
const whole = () => (line ? line.seconds : 0);
const width = () => (span ? Math.min(span, whole()) : whole());
const indexAt = (at) => { // the last stretch that begins before `at`, if it reaches there
  let low = 0, high = pieces().length;
  while (low < high) { const middle = (low + high) >> 1; if (pieces()[middle][0] <= at) low = middle + 1; else high = middle; }
  return low && pieces()[low - 1][1] > at ? low - 1 : -1;
};

// --- drawing
const ink = (name) => getComputedStyle(box).getPropertyValue(name).trim();
let tiles = {};
const tile = (pen, kind, scale) => {
  const name = `${kind} ${scale} ${ink(`--vw-kind-${kind}`)}`;
  if (tiles[name]) return tiles[name];
  const small = Object.assign(document.createElement("canvas"), { width: 8 * scale, height: 8 * scale }), brush = small.getContext("2d");
  brush.scale(scale, scale);
  brush.fillStyle = ink(`--vw-kind-${kind}`);
  brush.fillRect(0, 0, 8, 8);
  brush.strokeStyle = brush.fillStyle = ink(`--vw-kind-${kind}-mark`);
  brush.lineWidth = 1.5;
  const stroke = (...points) => { brush.beginPath(); points.forEach(([x, y], i) => (i ? brush.lineTo(x, y) : brush.moveTo(x, y))); brush.stroke(); };
  if (kind === "uncertain") for (const shift of [-8, 0, 8]) stroke([shift - 1, 9], [shift + 9, -1]);
  if (kind === "unmatched") { brush.beginPath(); brush.arc(2, 2, 1.3, 0, 7); brush.arc(6, 6, 1.3, 0, 7); brush.fill(); }
  if (kind === "sound") { stroke([2, 0], [2, 8]); stroke([6, 0], [6, 8]); }
  if (kind === "unreadable") { stroke([0, 0], [8, 8]); stroke([8, 0], [0, 8]); }
  const made = pen.createPattern(small, "repeat");
  made.setTransform(new DOMMatrix().scale(1 / scale));
  return (tiles[name] = made);
};
const prepared = (canvas) => {
  const scale = window.devicePixelRatio || 1, wide = canvas.clientWidth, high = canvas.clientHeight;
  if (!wide) return null;
  if (canvas.width !== Math.round(wide * scale)) canvas.width = Math.round(wide * scale);
  if (canvas.height !== Math.round(high * scale)) canvas.height = Math.round(high * scale);
  const pen = canvas.getContext("2d");
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, wide, high);
  return { pen, wide, high, scale };
};
const CELL = 4, CROWDED = 1.5; // px; seconds a px from which on single stretches cannot be seen: then their shares are
const shares = ({ pen, wide, scale }, from, seconds, top, high) => {
  const n = Math.ceil(wide / CELL), each = (CELL / wide) * seconds, sums = Array.from({ length: n }, () => KINDS.map(() => 0));
  for (const [start, end, kind] of pieces()) {
    const a = Math.max(start, from) - from, b = Math.min(end, from + seconds) - from;
    for (let i = Math.floor(a / each); i < n && i * each < b; i++) sums[i][kind] += Math.min(b, (i + 1) * each) - Math.max(a, i * each);
  }
  sums.forEach((sum, i) => [0, 1, 2, 3, 5].reduce((y, kind) => { // silence is what stays empty
    const tall = Math.min(sum[kind] / each, 1) * high;
    pen.fillStyle = tile(pen, KINDS[kind], scale);
    pen.fillRect(i * CELL, y - tall, CELL, tall);
    return y - tall;
  }, top + high));
};
const bars = (found, from, seconds, top, high) => {
  const { pen, wide, scale } = found;
  if (seconds / wide > CROWDED) return shares(found, from, seconds, top, high);
  for (const row of pieces()) {
    if (row[1] < from || row[0] > from + seconds) continue;
    const x = ((row[0] - from) / seconds) * wide, w = Math.max(((row[1] - row[0]) / seconds) * wide, 0.75), tall = high * TALL[row[2]];
    pen.fillStyle = w < 3 ? ink.cache[row[2]] : tile(pen, KINDS[row[2]], scale);
    pen.fillRect(x, top + high - tall, w, tall);
  }
};
const decisions = ({ pen, wide }, from, seconds, y) => {
  for (const row of pieces()) {
    if (!row[6] || row[6] === "todo" || row[1] < from || row[0] > from + seconds) continue;
    const x = ((row[0] - from) / seconds) * wide, w = Math.max(((row[1] - row[0]) / seconds) * wide - 1, 1), isKept = row[6] === "accepted";
    pen.fillStyle = ink(isKept ? "--vw-ok" : "--vw-bad");
    pen.fillRect(x, y, w, 3);
    if (w > 14) { pen.font = "700 11px system-ui"; pen.textAlign = "center"; pen.fillText(isKept ? "✓" : "✗", x + w / 2, y - 3); }
  }
};
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
const ticks = ({ pen, wide }, from, seconds, y) => {
  const step = STEPS.find((one) => (one / seconds) * wide >= 72) || 14400;
  pen.font = "12px system-ui";
  pen.fillStyle = ink("--body-text-color-subdued");
  for (let at = Math.ceil(from / step) * step; at <= from + seconds; at += step) {
    const x = ((at - from) / seconds) * wide;
    pen.fillRect(x, y, 1, 5);
    pen.textAlign = x < 20 ? "left" : x > wide - 20 ? "right" : "center";
    pen.fillText(clockOf(at, 0), x, y + 17);
  }
};
const wave = ({ pen, wide }, from, seconds, top, high) => {
  if (!outline || outline.start > from + 0.01 || outline.end < Math.min(from + seconds, whole()) - 0.01) return;
  pen.fillStyle = ink("--vw-ink");
  pen.globalAlpha = 0.55;
  const each = (outline.end - outline.start) / outline.rows.length;
  outline.rows.forEach(([low, high_], i) => {
    const x = ((outline.start + i * each - from) / seconds) * wide;
    pen.fillRect(x, top + (high / 2) * (1 - high_), Math.max((each / seconds) * wide - 0.3, 0.6), Math.max((high / 2) * (high_ - low), 0.8));
  });
  pen.globalAlpha = 1;
};
const needle = ({ pen, wide }, from, seconds, high) => {
  const at = place();
  if (at === null || at < from || at > from + seconds) return;
  pen.fillStyle = ink("--vw-wave-needle");
  pen.fillRect(Math.min(((at - from) / seconds) * wide, wide - 2), 0, 2, high);
};
const TOP = 20, BELOW = 24; // px above and below the bars
const still = document.createElement("canvas"), stillOver = document.createElement("canvas"); // all but the needle, which moves
const paintView = (found) => {
  const { pen, wide, high } = found, seconds = width(), top = TOP, tall = high - top - BELOW;
  ink.cache = KINDS.map((kind) => ink(`--vw-kind-${kind}`));
  bars(found, left, seconds, top, tall);
  wave(found, left, seconds, top, tall);
  decisions(found, left, seconds, top - 5);
  ticks(found, left, seconds, top + tall + 2);
  for (const anchor of anchors()) { // set by hand: a pin
    const x = ((anchor.at - left) / seconds) * wide;
    pen.fillStyle = ink("--vw-ink");
    pen.beginPath(); pen.moveTo(x - 6, 2); pen.lineTo(x + 6, 2); pen.lineTo(x, 13); pen.fill();
    pen.fillRect(x - 0.5, 12, 1, tall + 8);
  }
  const shown = piece();
  if (shown) {
    pen.strokeStyle = ink("--vw-ink");
    pen.lineWidth = 2;
    pen.strokeRect(((shown.start - left) / seconds) * wide, top - 1, Math.max(((shown.end - shown.start) / seconds) * wide, 2), tall + 2);
  }
  if (mark) {
    const x = ((mark.from - left) / seconds) * wide, w = Math.max(((mark.to - mark.from) / seconds) * wide, 2);
    pen.fillStyle = ink("--vw-accent");
    pen.globalAlpha = 0.22; pen.fillRect(x, top, w, tall); pen.globalAlpha = 1;
    pen.fillRect(x - 1, top - 3, 2, tall + 6); pen.fillRect(x + w - 1, top - 3, 2, tall + 6);
  }
};
const paintOver = (found) => {
  const { pen, wide, high } = found;
  bars(found, 0, whole(), 2, high - 4);
  pen.strokeStyle = ink("--vw-ink");
  pen.lineWidth = 2;
  pen.strokeRect((left / whole()) * wide + 1, 1, Math.max((width() / whole()) * wide - 2, 3), high - 2);
};
const shownOn = (canvas, kept, paint, from, seconds, high) => {
  const found = prepared(canvas);
  if (!found) return;
  if (paint) {
    Object.assign(kept, { width: canvas.width, height: canvas.height });
    const pen = kept.getContext("2d");
    pen.setTransform(found.scale, 0, 0, found.scale, 0, 0);
    paint({ ...found, pen });
  }
  if (kept.width) found.pen.drawImage(kept, 0, 0, found.wide, found.high);
  needle(found, from, seconds, high ?? found.high);
};
const present = (isNew = false) => {
  if (!line || !view.clientWidth) return;
  shownOn(view, still, isNew && paintView, left, width(), view.clientHeight - BELOW);
  if (!one(".vw-line-over").hidden) shownOn(over, stillOver, isNew && paintOver, 0, whole());
};
const draw = () => {
  one(".vw-line-over").hidden = !span || width() >= whole();
  present(true);
};
const swatch = (kind) => {
  const made = document.createElement("canvas"), scale = window.devicePixelRatio || 1;
  Object.assign(made, { width: 22 * scale, height: 16 * scale, className: "vw-line-swatch" });
  const pen = made.getContext("2d"), tall = 16 * TALL[KINDS.indexOf(kind)];
  pen.scale(scale, scale);
  pen.fillStyle = tile(pen, kind, scale);
  pen.fillRect(0, 16 - tall, 22, tall);
  return made;
};
const sums = () => {
  const found = KINDS.map(() => [0, 0]);
  for (const row of pieces()) { found[row[2]][0] += row[1] - row[0]; found[row[2]][1] += 1; }
  return found;
};
const drawLegend = () => {
  const made = sums().map(([seconds, n], i) => {
    const button = Object.assign(document.createElement("button"), { type: "button", disabled: !n, title: vw.t("long.next_of") });
    button.dataset.kind = KINDS[i];
    const name = Object.assign(document.createElement("span"), { textContent: vw.t(`long.kind.${KINDS[i]}`) });
    const long = Object.assign(document.createElement("b"), { textContent: lasting(seconds) });
    button.append(swatch(KINDS[i]), name, long);
    return button;
  });
  one(".vw-line-legend").replaceChildren(...made);
  const said = sums().map(([seconds, n], i) => n && `${vw.t(`long.kind.${KINDS[i]}`)} ${lasting(seconds)}`).filter(Boolean).join(", ");
  view.setAttribute("aria-label", line ? vw.t("long.line_of", { name: line.name, said }) : "");
};

// --- where one looks
const scrollTo = (at) => { left = Math.min(Math.max(0, at), Math.max(0, whole() - width())); fetchOutline(); draw(); };
const see = (start, end) => { if (start < left || Math.min(end, start + width() / 2) > left + width()) scrollTo(start - 0.2 * width()); };
const zoom = (seconds) => {
  const shown = piece(), centre = shown ? (shown.start + shown.end) / 2 : place() ?? left + width() / 2;
  span = seconds >= whole() ? 0 : seconds;
  for (const button of part("zoom").children) button.setAttribute("aria-pressed", String(Number(button.dataset.span) === span));
  scrollTo(centre - width() / 2);
};
let outlineTimer = 0;
const fetchOutline = () => {
  clearTimeout(outlineTimer);
  if (!span || span > 60 || !line) return;
  outlineTimer = setTimeout(async () => {
    const start = left, end = Math.min(left + width(), whole()), id = line.id;
    const answer = await fetch(`/recording/${id}/peaks?start=${start.toFixed(3)}&end=${end.toFixed(3)}&n=900`).catch(() => null);
    if (answer?.ok && line?.id === id) { outline = { start, end, rows: await answer.json() }; draw(); }
  }, 150);
};
