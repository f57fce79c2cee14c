// How every plot is dressed: the colours and the letters of the page, also when it turns dark.
const config = { displaylogo: false, responsive: true, modeBarButtonsToRemove: ["lasso2d", "select2d", "toImage", "autoScale2d"] };
const ink = (name) => getComputedStyle(element).getPropertyValue(name).trim();
const axis = (own = {}) => ({ ...own, title: { standoff: 12, ...own.title }, gridcolor: ink("--vw-grid"), zerolinecolor: ink("--vw-grid"), automargin: true });
const dressed = (layout) => ({
  ...layout, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", autosize: true,
  margin: { l: 60, r: 24, t: 16, b: 60, ...layout.margin }, font: { color: ink("--vw-ink"), family: "system-ui, sans-serif", size: 13 },
  xaxis: axis(layout.xaxis), yaxis: axis(layout.yaxis), ...(layout.yaxis2 ? { yaxis2: axis(layout.yaxis2) } : {}),
  hoverlabel: { bgcolor: ink("--vw-paper"), font: { color: ink("--vw-ink") } },
});
