// What is clicked, dragged, turned and pressed on the time line, and its start: what the files before it need is all there now.
const ACTS = {
  prev: () => step(-1), next: () => step(1), play: () => { stopRow(); toggle(); }, unmatched: listenUnmatched, review, retry,
  hear: () => { stopRow(); remark(); if (mark) playStretch(mark.from, mark.to); },
  here: () => { const at = place() ?? left; fillMark(at, Math.max(marked()?.to ?? 0, at + 5)); remark(); search(); },
  again: () => trigger("again", { asked: { recording: part("only").checked ? line.id : "" } }),
  within: () => { remark(); if (mark) trigger("again", { asked: { recording: line.id, within: [mark.from, mark.to] } }); },
};
box.addEventListener("click", (event) => {
  const pressed = event.target.closest("button");
  if (!pressed || pressed.disabled) return;
  const { do: what, span: seconds, kind, id, recording } = pressed.dataset;
  if (what === "set") set(pressed.dataset);
  else if (what === "unset") trigger("unanchor", { asked: { id: Number(id) } });
  else if (what) ACTS[what]?.();
  else if (seconds !== undefined) zoom(Number(seconds));
  else if (kind) nextOf(kind);
  else if (recording) open(recording);
});
let drag = null;
const timeAt = (canvas, event, from, seconds) => from + (Math.min(Math.max(0, event.offsetX), canvas.clientWidth) / canvas.clientWidth) * seconds;
view.addEventListener("pointerdown", (event) => { if (line) { drag = { x: event.offsetX, at: timeAt(view, event, left, width()) }; view.setPointerCapture(event.pointerId); } });
view.addEventListener("pointermove", (event) => {
  if (!drag || Math.abs(event.offsetX - drag.x) < DRAG_PX) return;
  const at = timeAt(view, event, left, width());
  mark = { from: Math.min(at, drag.at), to: Math.max(at, drag.at) };
  fillMark(mark.from, mark.to);
  draw();
});
view.addEventListener("pointerup", (event) => {
  if (!drag) return;
  const moved = Math.abs(event.offsetX - drag.x) >= DRAG_PX, at = drag.at;
  drag = null;
  if (moved) { part("retry").open = true; search(); return; }
  stopRow();
  const index = indexAt(at);
  if (index >= 0) choose(index, true);
});
view.addEventListener("pointercancel", () => { drag = null; });
view.addEventListener("wheel", (event) => {
  const by = event.deltaX || (event.shiftKey ? event.deltaY : 0);
  if (!span || !by) return;
  event.preventDefault();
  scrollTo(left + (by / view.clientWidth) * width());
}, { passive: false });
const jumpTo = (event) => scrollTo(timeAt(over, event, 0, whole()) - width() / 2);
over.addEventListener("pointerdown", (event) => { over.setPointerCapture(event.pointerId); jumpTo(event); });
over.addEventListener("pointermove", (event) => { if (event.buttons) jumpTo(event); });
for (const name of ["from", "to"]) part(name).addEventListener("change", () => { remark(); search(); });
part("search").addEventListener("input", search);
part("search").addEventListener("keydown", (event) => { if (event.key === "Escape") event.target.blur(); });

const drawNames = () => {
  const made = given.recordings.map((one) => {
    const found = Object.assign(document.createElement("button"), { type: "button", textContent: one.name });
    found.dataset.recording = one.id;
    found.setAttribute("aria-pressed", String(one.id === line?.id));
    return found;
  });
  part("names").replaceChildren(...made);
  part("only").closest("label").hidden = given.recordings.length < 2;
};
const open = async (id) => {
  const isOther = id !== line?.id, known = stamp;
  const answer = await fetch(`/recording/${id}/line`, { cache: "no-store" }).catch(() => null);
  if (!answer?.ok || known !== stamp) return;
  const was = isOther ? null : piece();
  line = await answer.json();
  vw.remember("recording", id);
  if (isOther) { silenced(); playing = null; mark = null; outline = null; span = 0; left = 0; chosen = -1; }
  else chosen = was ? indexAt((was.start + was.end) / 2) : -1;
  element.dataset.line = `${line.id} ${line.run}`;
  one("[data-do=unmatched]").disabled = !pieces().some((row) => row[2] === 2);
  drawNames(); drawLegend(); drawAnchors(); drawPiece();
  zoom(span);
  tell();
};
const show = () => {
  given = props.value && props.value.recordings ? props.value : { recordings: [], anchors: [] };
  const ids = given.recordings.map((one) => one.id);
  box.hidden = !ids.length;
  if (!ids.length) { line = null; stamp = ""; silenced(); return; }
  const isNew = given.stamp !== stamp || !ids.includes(line?.id);
  stamp = given.stamp;
  if (isNew) open([line?.id, vw.remembered("recording"), ids[0]].find((id) => ids.includes(id)));
  else { drawAnchors(); draw(); }
};
for (const [action, act] of Object.entries({ ...ACTS, anchor: retry, unsure: () => step(1, (row) => row[2] === 1 || row[2] === 2),
  zoom: () => zoom(span === 0 ? 300 : span === 300 ? 60 : 0) })) vw.onKey?.(TAB, action, () => { if (line) act(); });
new ResizeObserver(draw).observe(view);
const redress = () => setTimeout(() => { if (line) { drawLegend(); drawPiece(); draw(); } }, 100);
new MutationObserver((_, watcher) => (box.isConnected ? redress() : watcher.disconnect())).observe(document.body, { attributes: true, attributeFilter: ["class"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redress, { signal });
watch("value", show);
show();
