// One Plotly figure. Runs, after plot-dress.js, as js_on_load of a gr.HTML whose value is {figure: {data, layout}}.
const box = element.querySelector(".vw-plot");
let drawn = null;
// a bar that is pressed tells the stretch that it stands for
let isListening = false;
const listen = () => {
  if (isListening) return;
  isListening = true;
  box.on("plotly_click", ({ points }) => { const [low, high] = points[0]?.customdata || []; if (high !== undefined) trigger("bar", { low, high }); });
};
const painted = (trace) => ({ ...(trace.mode === "lines" ? { line: { color: ink("--vw-strong"), width: 2.5 } } : { marker: { color: ink("--vw-strong") } }), ...trace });
const show = () => {
  if (!window.Plotly) return;
  drawn = (props.value || {}).figure || null;
  if (drawn) window.Plotly.react(box, drawn.data.map(painted), dressed(drawn.layout), config).then(listen);
  else window.Plotly.purge(box);
};
const redress = () => setTimeout(() => {
  if (!box.isConnected) return dressing.disconnect();
  if (drawn) show();
}, 100);
const dressing = new MutationObserver(redress);
dressing.observe(document.body, { attributes: true, attributeFilter: ["class"] });
new ResizeObserver(() => { if (drawn && box.clientWidth) window.Plotly.Plots.resize(box); }).observe(box);
watch("value", show);
show();
