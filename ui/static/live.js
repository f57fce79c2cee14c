// The curves of a run, or of several laid over each other. Runs, after plot-dress.js, as js_on_load of a gr.HTML whose value is
// {run, size} or {runs: [[id, name], ...], size}; `size` changes when there is more. What was drawn is extended by what is new, and
// the stretch that a person looks at stays: over refreshes, over an attempt that began again, and over a reload.
const panels = [...element.querySelectorAll("[data-panel]")].map((place) => ({ place, box: place.querySelector(".vw-plot"), name: place.dataset.panel }));
const t = (key) => voicewright.t(`room.curve.${key}`);
const SMALL = { lr: ["lr"], grad_norm: ["grad_norm"], speed: ["clips_per_second", "seconds"], memory: ["memory_gb"], smoothed: ["smoothed"], val_loss: ["val_loss"], wer: ["wer"] };
// the parts of the loss in one plot: the first codebook, which carries most of the speech, stands out
const CODEBOOKS = ["codebook_1", "codebook_2", "codebook_3", "codebook_4", "codebook_5", "codebook_6", "codebook_7", "codebook_8"];
const LOOKS = ["val_loss", "wer"]; // a point for each look, not a line of steps
const DASHES = ["solid", "dash", "dot", "dashdot", "longdash", "longdashdot"];
let runs = [], key = "", held = {}, zoom = { x: null, y: {} }, isBusy = false, isAgain = false, isDrawn = false, isLinking = false;

// --- what was received
const curve = (id, name) => held[id]?.curves[name] || [[], []];
const take = (got) => {
  if (got.reset || !held[got.run]) held[got.run] = { curves: {} };
  const mine = held[got.run];
  mine.had = got.had;
  for (const [name, [x, y]] of Object.entries(got.curves)) {
    const known = (mine.curves[name] ||= [[], []]), values = name === "wer" ? y.map((share) => 100 * share) : y;
    known[0].push(...x);
    known[1].push(...values);
    got.curves[name] = [x, values];
  }
};

// --- what is drawn
const single = () => {
  const [line, strong, mark, second] = ["--vw-line", "--vw-strong", "--vw-mark", "--vw-second"].map(ink);
  return [
    ["loss", { mode: "lines", line: { color: line, width: 1 } }],
    ["smoothed", { mode: "lines", line: { color: strong, width: 2.5 } }],
    ["val_loss", { mode: "markers", marker: { color: mark, size: 9, symbol: "diamond" } }],
    ["wer", { mode: "lines+markers", yaxis: "y2", line: { color: second, dash: "dot", width: 1.5 }, marker: { size: 7 } }],
  ];
};
const parts = () => {
  const [strong, mark] = ["--vw-strong", "--vw-mark"].map(ink);
  const books = CODEBOOKS.map((name, n) => [name, { mode: "lines", opacity: 1 - 0.09 * n, line: { color: strong, width: n ? 1.2 : 2.5, dash: DASHES[n % DASHES.length] } }]);
  return [...books, ["text", { mode: "lines", line: { color: mark, width: 2, dash: "dot" } }]];
};
// the layers that go on learning: what they miss within, and how much they count, each on an axis of its own
const layers = () => {
  const [strong, second] = ["--vw-strong", "--vw-second"].map(ink);
  return [
    ["ttt_inner_loss", { mode: "lines", line: { color: strong, width: 2.5 } }],
    ["ttt_gate", { mode: "lines", yaxis: "y2", line: { color: second, dash: "dot", width: 2 } }],
  ];
};
const OF_ONE = { loss: single, codebooks: parts, ttt: layers };
const SECOND_AXIS = { loss: () => voicewright.t("plot.wer"), ttt: () => t("ttt_gate") };
const specs = (panel) => {
  const id = runs[0]?.[0];
  if (panel.name in OF_ONE) return OF_ONE[panel.name]().map(([name, style]) => ({ id, name, label: t(name), style }));
  const name = SMALL[panel.name].find((each) => runs.some(([run]) => curve(run, each)[0].length)) || SMALL[panel.name][0];
  const mode = LOOKS.includes(name) ? "lines+markers" : "lines";
  return runs.map(([run, label], n) => ({
    id: run, name, label: label || t(name),
    style: { mode, line: { color: ink(runs.length > 1 ? `--vw-run-${n}` : "--vw-strong"), width: 2, dash: DASHES[n] }, marker: { size: 7 } },
  }));
};
// a model that makes sounds has no error rate of words, and needs no axis for it
const isOnSecond = ({ id, name, style }) => style.yaxis === "y2" && curve(id, name)[0].length > 0;
const layoutOf = (panel, drawn) => {
  const hasSecond = panel.hasSecond = panel.name in SECOND_AXIS && drawn.some(isOnSecond), isOfOne = panel.name in OF_ONE, hasLegend = isOfOne || (drawn.length > 1 && panel === panels[0]);
  const looked = (range) => (range ? { range: [...range], autorange: false } : { autorange: true });
  return dressed({
    xaxis: { title: { text: voicewright.t("plot.step") }, rangemode: "tozero", ...looked(zoom.x) },
    yaxis: { title: { text: isOfOne && panel.name !== "ttt" ? t("loss") : t(drawn[0]?.name || panel.name) }, rangemode: "tozero", exponentformat: "power", ...looked(zoom.y[panel.name]) },
    ...(hasSecond ? { yaxis2: { title: { text: SECOND_AXIS[panel.name]() }, overlaying: "y", side: "right", rangemode: "tozero", showgrid: false, tickmode: "auto" } } : {}),
    showlegend: hasLegend, legend: { orientation: "h", y: -0.3, yanchor: "top", x: 0 },
    margin: hasSecond ? { r: 56 } : { t: 8, b: isOfOne || panel === panels[0] ? 60 : 48 },
  });
};
const draw = async () => {
  for (const panel of panels) {
    const drawn = (panel.drawn = specs(panel));
    panel.place.hidden = !drawn.some(({ id, name }) => curve(id, name)[0].length);
    if (panel.place.hidden && panel.name !== panels[0].name) continue;
    panel.place.hidden = false;
    const layout = layoutOf(panel, drawn), axes = panel.hasSecond ? {} : { yaxis: "y" };
    const traces = drawn.map(({ id, name, label, style }) => ({ name: label, x: [...curve(id, name)[0]], y: [...curve(id, name)[1]], ...style, ...axes }));
    await window.Plotly.react(panel.box, traces, layout, config);
    listen(panel);
  }
  isDrawn = true;
};
const extend = async (answers) => {
  for (const panel of panels) {
    const more = (panel.drawn || []).map(({ id, name }) => answers.find((got) => got.run === id)?.curves[name] || [[], []]);
    const grown = more.map(([x], n) => (x.length ? n : -1)).filter((n) => n >= 0);
    if (!grown.length) continue;
    if (panel.place.hidden || (!panel.hasSecond && panel.drawn.some(isOnSecond))) return draw();
    await window.Plotly.extendTraces(panel.box, { x: grown.map((n) => more[n][0]), y: grown.map((n) => more[n][1]) }, grown);
  }
  return null;
};

// --- where a person looks
const listen = (panel) => {
  if (panel.isHeard) return;
  panel.isHeard = true;
  panel.box.on("plotly_relayout", async (change) => {
    if (isLinking || !Object.keys(change).some((name) => /axis/.test(name))) return;
    const { xaxis, yaxis } = panel.box.layout;
    zoom.x = xaxis.autorange ? null : [...xaxis.range];
    zoom.y[panel.name] = yaxis.autorange ? null : [...yaxis.range];
    keep();
    isLinking = true;
    for (const other of panels) {
      if (other === panel || other.place.hidden || !other.isHeard) continue;
      await window.Plotly.relayout(other.box, zoom.x ? { "xaxis.range": [...zoom.x] } : { "xaxis.autorange": true });
    }
    isLinking = false;
  });
};
const ZOOM = `voicewright:zoom:${element.parentElement.closest("[id]")?.id}`; // the id of the element itself is another after each reload
const keep = () => { try { sessionStorage.setItem(ZOOM, JSON.stringify({ key, zoom })); } catch { /* private window: lost at a reload */ } };
const kept = () => {
  try {
    const found = JSON.parse(sessionStorage.getItem(ZOOM) || "{}");
    return found.key === key ? found.zoom : { x: null, y: {} };
  } catch { return { x: null, y: {} }; }
};

// --- the server
const pull = async () => {
  if (isBusy) { isAgain = true; return; }
  isBusy = true;
  do {
    isAgain = false;
    const asked = key, wanted = runs.map(([id]) => ({ id, had: held[id]?.had || null }));
    const answers = await server.measured({ runs: wanted }).catch(() => null);
    if (!answers || asked !== key) continue;
    answers.forEach(take);
    await (!isDrawn || answers.some((got) => got.reset) ? draw() : extend(answers));
    element.dataset.shown = key;
  } while (isAgain);
  isBusy = false;
};
const show = () => {
  const value = props.value || {};
  if (!window.Plotly) return;
  runs = value.runs || (value.run ? [[value.run, ""]] : []);
  const wanted = runs.map(([id]) => id).join(" ");
  if (value.run) voicewright.remember("run", value.run);
  if (wanted !== key) {
    key = wanted;
    held = {};
    isDrawn = false;
    zoom = kept();
  }
  if (runs.length) return pull();
  panels.forEach((panel) => { if (panel.isHeard) window.Plotly.purge(panel.box); panel.isHeard = false; });
  return null;
};
const dressing = new MutationObserver(() => setTimeout(() => {
  if (!element.isConnected) return dressing.disconnect();
  return isDrawn && draw();
}, 100));
dressing.observe(document.body, { attributes: true, attributeFilter: ["class"] });
panels.forEach(({ box, place }) => new ResizeObserver(() => {
  if (isDrawn && !place.hidden && box.clientWidth && box.layout) window.Plotly.Plots.resize(box);
}).observe(box));
watch("value", show);
show();
