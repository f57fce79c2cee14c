// Choosing and hearing stretches of the time line. A stretch is fetched a minute at a time at most, by the id of its recording.
let playing = null; // {start, end, at: where the sound that is loaded begins, stop: where it ends, then}
const soundOf = (start, end) => `/recording/${line.id}/sound?start=${start.toFixed(3)}&end=${end.toFixed(3)}`;
const place = () => (playing ? playing.at + audio.currentTime : null);
const load = () => {
  playing.stop = Math.min(playing.end, playing.at + LONGEST);
  audio.src = soundOf(playing.at, playing.stop);
  audio.play().catch(() => tell());
};
const playStretch = (start, end, then = null) => {
  playing = { start, end, at: start, stop: end, then };
  load();
};
const silenced = () => { const was = !audio.paused; audio.pause(); return was; };
const tell = () => {
  one("[data-do=play]").textContent = vw.t(audio.paused ? "player.play" : "player.pause");
  one(".vw-line-row .vw-clock").textContent = line ? `${clockOf(place() ?? piece()?.start ?? left)} / ${clockOf(whole())}` : "";
  present();
};
const follow = () => { if (!box.isConnected) return; tell(); const at = place(); if (span && at !== null && (at > left + width() || at < left)) scrollTo(at); if (!audio.paused) requestAnimationFrame(follow); };
audio.addEventListener("play", follow);
audio.addEventListener("pause", tell);
audio.addEventListener("error", () => { if (playing) one(".vw-line-told").textContent = vw.t("player.not_loaded"); });
audio.addEventListener("ended", () => {
  if (!playing) return;
  if (playing.stop < playing.end - 0.02) { playing.at = playing.stop; return load(); }
  const { then } = playing;
  playing = null;
  tell();
  if (then) then();
});
const toggle = () => {
  if (!audio.paused) return audio.pause();
  if (playing) return audio.play();
  if (mark) return playStretch(mark.from, mark.to);
  if (chosen < 0) choose(indexAt(left) >= 0 ? indexAt(left) : 0);
  const shown = piece();
  if (shown) playStretch(shown.start, shown.end);
};

// --- choosing
const row = (...parts) => { const made = document.createElement("div"); made.className = "vw-line-row"; made.append(...parts); return made; };
const named = (tag, text, css = "") => Object.assign(document.createElement(tag), { textContent: text, className: css });
const button = (text, action, css = "vw-small") => {
  const made = Object.assign(named("button", text, css), { type: "button" });
  made.dataset.do = action;
  return made;
};
const DIGITS = [2, 2, 2, 1, 0];
const figuresOf = (shown) => {
  const list = named("dl", "", "vw-figures");
  ["confidence", "worst", "margin", "words_per_second", "coverage"].forEach((name, i) => {
    const value = shown.figures[i], item = document.createElement("div");
    if (value === null || value === undefined) return;
    const said = name === "coverage" ? vw.t("long.percent", { share: 100 * value }) : value.toLocaleString(vw.language, { minimumFractionDigits: DIGITS[i], maximumFractionDigits: DIGITS[i] });
    item.append(named("dt", vw.t(`long.figure.${name}`)), named("dd", said));
    list.append(item);
  });
  return list;
};
const drawPiece = () => {
  const shown = piece(), target = one(".vw-line-piece");
  if (!shown) { target.replaceChildren(named("p", vw.t("long.none_chosen"), "vw-quiet")); return; }
  const head = named("div", "", "vw-headline"), chip = named("span", vw.t(`long.kind.${shown.kind}`), "vw-chip");
  chip.prepend(swatch(shown.kind));
  head.append(chip, named("b", `${clockOf(shown.start)} – ${clockOf(shown.end)}`), named("span", vw.t("view.length", { seconds: shown.end - shown.start })));
  if (shown.decision) head.append(named("span", vw.t(`decision.${shown.decision}`), `vw-chip vw-${shown.decision}`));
  const made = [head];
  if (shown.clip) made.push(Object.assign(named("p", shown.text, "vw-words"), { dir: "auto" }));
  else made.push(named("p", shown.sentence || vw.t(`long.what.${shown.kind}`)));
  if (shown.doubts.length) made.push(named("p", `${vw.t("long.why")} ${shown.doubts.map((code) => vw.t(`long.doubt.${code}`)).join(" ")}`, "vw-note vw-warn"));
  if (shown.clip) made.push(figuresOf(shown), row(button(vw.t("long.review_this"), "review")));
  else if (shown.kind === "unmatched") made.push(row(button(vw.t("long.retry_this"), "retry")));
  target.replaceChildren(...made);
};
const choose = (index, isHeard = false) => {
  chosen = Math.min(Math.max(index, -1), pieces().length - 1);
  mark = null;
  const shown = piece();
  if (shown) { see(shown.start, shown.end); fillMark(shown.start, shown.end); }
  if (isHeard && shown) playStretch(shown.start, shown.end);
  else { silenced(); playing = null; }
  drawPiece();
  draw();
  tell();
};
const isSpoken = (row) => row && row[2] !== 4;
const step = (by, fits = isSpoken) => {
  stopRow();
  for (let at = chosen + by; at >= 0 && at < pieces().length; at += by) if (fits(pieces()[at])) return choose(at, true);
};
const nextOf = (kind) => {
  const rows = pieces(), after = rows.findIndex((one, i) => i > chosen && KINDS[one[2]] === kind);
  stopRow();
  choose(after >= 0 ? after : rows.findIndex((one) => KINDS[one[2]] === kind), true);
};

// --- the unmatched ones, one after the other
let isInRow = false;
const stopRow = () => { isInRow = false; one("[data-do=unmatched]").setAttribute("aria-pressed", "false"); one(".vw-line-told").textContent = ""; };
const nextInRow = (after) => {
  const all = pieces().map((one, i) => [one, i]).filter(([one]) => one[2] === 2).map(([, i]) => i), at = all.find((i) => i > after);
  if (!isInRow) return;
  if (at === undefined) { stopRow(); one(".vw-line-told").textContent = vw.t("long.row_done", { n: all.length }); return; }
  choose(at);
  one(".vw-line-told").textContent = vw.t("long.row_at", { place: all.indexOf(at) + 1, n: all.length });
  playStretch(piece().start, piece().end, () => nextInRow(at));
};
const listenUnmatched = () => {
  if (isInRow) { stopRow(); silenced(); return; }
  isInRow = true;
  one("[data-do=unmatched]").setAttribute("aria-pressed", "true");
  nextInRow(piece()?.kind === "unmatched" ? chosen - 1 : chosen);
};

// --- on to Review: its own filter and search find the clip by its name
const until = (found, ms = 8000) => new Promise((done) => {
  const began = performance.now(), look = () => (found() || performance.now() - began > ms ? done(found()) : setTimeout(look, 60));
  look();
});
const review = async () => {
  const shown = piece();
  if (!shown?.clip) return;
  silenced();
  document.querySelector("#voicewright-tabs [role=tab][data-tab-id='Review']").click();
  const all = await until(() => { const found = document.querySelector("#review-filter [data-filter=all]"); return found?.checkVisibility() && found; });
  if (!all) return;
  await until(() => vw.shown?.Review?.clip, 3000); // the tab has answered: what is asked for now comes after it
  all.click();
  await until(() => document.querySelector("#review-filter [data-filter=all][aria-pressed=true]"));
  const search = document.getElementById("review-search-field");
  if (!search || vw.shown?.Review?.clip === shown.clip) return;
  search.value = shown.name;
  search.dispatchEvent(new Event("input", { bubbles: true }));
};
