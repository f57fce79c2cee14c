// A Plotly plot that keeps its zoom. Runs as js_on_load of a gr.HTML whose value is {figure: {data, layout}}, drawn as it is,
// or {run, size}: the live loss of a run. The browser asks for what came after the byte it knows, so only new rows travel.
const box = element.querySelector(".vw-plot");
const config = { displaylogo: false, responsive: true, modeBarButtonsToRemove: ["lasso2d", "select2d", "toImage", "autoScale2d"] };
const ink = (name) => getComputedStyle(box).getPropertyValue(name).trim();
const axis = (own = {}) => ({ ...own, title: { standoff: 12, ...own.title }, gridcolor: ink("--vw-grid"), zerolinecolor: ink("--vw-grid"), automargin: true });
const dressed = (layout) => ({
  ...layout, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", autosize: true,
  margin: { l: 60, r: 24, t: 16, b: 60, ...layout.margin }, font: { color: ink("--vw-ink"), family: "system-ui, sans-serif", size: 13 },
  xaxis: axis(layout.xaxis), yaxis: axis(layout.yaxis), ...(layout.yaxis2 ? { yaxis2: axis(layout.yaxis2) } : {}),
  hoverlabel: { bgcolor: ink("--vw-paper"), font: { color: ink("--vw-ink") } },
});
// a bar that is pressed tells the stretch that it stands for
let isListening = false;
const listen = () => {
  if (isListening) return;
  isListening = true;
  box.on("plotly_click", ({ points }) => { const [low, high] = points[0]?.customdata || []; if (high !== undefined) trigger("bar", { low, high }); });
};
const SMOOTHING = 0.9; // of an exponential mean, its start corrected for the missing past
let run = "", offset = 0, mean = 0, weight = 0, busy = false, again = false, drawn = null;

const smooth = (loss) => {
  mean = SMOOTHING * mean + (1 - SMOOTHING) * loss;
  weight = SMOOTHING * weight + (1 - SMOOTHING);
  return mean / weight;
};
const traces = (got) => ({
  raw: [got.steps.map((s) => s[0]), got.steps.map((s) => s[1])],
  smoothed: [got.steps.map((s) => s[0]), got.steps.map((s) => (Number.isFinite(s[1]) ? smooth(s[1]) : null))],
  evaluated: [got.evals.map((e) => e[0]), got.evals.map((e) => e[1])],
  words: [got.evals.map((e) => e[0]), got.evals.map((e) => (e[2] == null ? null : 100 * e[2]))],
});
const fresh = (got) => {
  mean = weight = 0;
  const t = traces(got), [line, strong, mark, second] = ["--vw-line", "--vw-strong", "--vw-mark", "--vw-second"].map(ink);
  const made = (name, [x, y], more) => ({ name, x, y, ...more });
  drawn = {
    data: [
      made(voicewright.t("plot.loss"), t.raw, { mode: "lines", line: { color: line, width: 1 } }),
      made(voicewright.t("plot.smoothed"), t.smoothed, { mode: "lines", line: { color: strong, width: 2.5 } }),
      made(voicewright.t("plot.validation"), t.evaluated, { mode: "markers", marker: { color: mark, size: 9, symbol: "diamond" } }),
      made(voicewright.t("plot.validation_wer"), t.words, { mode: "lines+markers", yaxis: "y2", line: { color: second, dash: "dot", width: 1.5 }, marker: { size: 7 } }),
    ],
    layout: {
      xaxis: { title: { text: voicewright.t("plot.step") }, rangemode: "tozero" }, yaxis: { title: { text: voicewright.t("plot.loss") }, rangemode: "tozero" },
      yaxis2: { title: { text: voicewright.t("plot.wer") }, overlaying: "y", side: "right", rangemode: "tozero", showgrid: false, tickmode: "auto" },
      legend: { orientation: "h", y: -0.25, yanchor: "top", x: 0 }, margin: { r: 56 },
    },
  };
  return window.Plotly.newPlot(box, drawn.data, dressed(drawn.layout), config);
};
const extended = (got) => {
  if (!got.steps.length && !got.evals.length) return null;
  const t = traces(got), all = [t.raw, t.smoothed, t.evaluated, t.words];
  return window.Plotly.extendTraces(box, { x: all.map((p) => p[0]), y: all.map((p) => p[1]) }, [0, 1, 2, 3]);
};
const pull = async () => {
  if (busy) { again = true; return; }
  busy = true;
  do {
    again = false;
    const asked = run;
    const got = await server.measured({ run: asked, offset }).catch(() => null);
    if (!got || asked !== run) continue;
    offset = got.offset;
    await (got.reset || !drawn ? fresh(got) : extended(got));
  } while (again);
  busy = false;
};
const show = () => {
  const value = props.value || {};
  if (!window.Plotly) return;
  if (value.figure) {
    drawn = value.figure;
    window.Plotly.react(box, drawn.data.map((d) => ({ ...(d.mode === "lines" ? { line: { color: ink("--vw-strong"), width: 2.5 } } : { marker: { color: ink("--vw-strong") } }), ...d })), dressed(drawn.layout), config).then(listen);
  } else if (value.run) {
    if (value.run !== run) { run = value.run; offset = 0; drawn = null; }
    pull();
  } else {
    run = ""; drawn = null;
    window.Plotly.purge(box);
  }
};
const redress = () => setTimeout(() => {
  if (!box.isConnected) return dressing.disconnect();
  if (!drawn) return;
  const paint = { "font.color": ink("--vw-ink"), "hoverlabel.bgcolor": ink("--vw-paper"), "hoverlabel.font.color": ink("--vw-ink") };
  for (const name of ["xaxis", "yaxis", "yaxis2"]) {
    if (drawn.layout[name]) Object.assign(paint, { [`${name}.gridcolor`]: ink("--vw-grid"), [`${name}.zerolinecolor`]: ink("--vw-grid") });
  }
  window.Plotly.relayout(box, paint);
}, 100);
const dressing = new MutationObserver(redress);
dressing.observe(document.body, { attributes: true, attributeFilter: ["class"] });
new ResizeObserver(() => { if (drawn && box.clientWidth) window.Plotly.Plots.resize(box); }).observe(box);
watch("value", show);
show();
