"""The style sheet of a report: it stands inside the file, with system fonts, light and dark, and on paper."""

STYLE = """
:root { --ink: #182329; --paper: #fff; --quiet: #4b5a63; --edge: #d5dde1; --strong: #0b6e69; --raw: #9fb6b4;
  --mark: #96231b; --second: #7a4b00; --ok: #e4f4ea; --bad: #fdeceb; --plain: #eef2f3; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7edf0; --paper: #11171b;
  --quiet: #a9b7bf; --edge: #2e3a41; --strong: #4cc3b8; --raw: #4d6b69; --mark: #f09a92; --second: #f3c878;
  --ok: #15301f; --bad: #3a1714; --plain: #1c252b; } }
body { max-width: 60rem; margin: 0 auto; padding: 1.5rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
.verdict { padding: .8rem 1rem; border-left: 5px solid var(--quiet); background: var(--plain);
  font-size: 1.1rem; }
.verdict.better { background: var(--ok); } .verdict.worse { background: var(--bad); }
.tag { padding: .1rem .6rem; border: 1px solid var(--edge); border-radius: 1rem; }
.note { white-space: pre-wrap; }
.table { overflow-x: auto; } table { border-collapse: collapse; }
th, td { padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--edge); text-align: start;
  vertical-align: top; overflow-wrap: anywhere; }
th { color: var(--quiet); font-weight: 600; }
del { color: var(--mark); } ins { color: var(--strong); text-decoration-thickness: 2px; }
figure { margin: 1rem 0; } figcaption { color: var(--quiet); } svg { width: 100%; height: auto; }
svg polyline { fill: none; stroke-width: 1.8; stroke-linejoin: round; } svg .grid { stroke: var(--edge); }
svg .axis { fill: var(--quiet); font-size: 12px; }
polyline.raw { stroke: var(--raw); stroke-width: 1; } polyline.strong { stroke: var(--strong); }
polyline.mark { stroke: var(--mark); stroke-dasharray: 5 3; } polyline.second { stroke: var(--second); }
circle.mark { fill: var(--mark); } circle.second { fill: var(--second); }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: 0; padding: 0; list-style: none;
  color: var(--quiet); }
.legend li::before { content: ""; display: inline-block; width: 1.2rem; height: .25rem;
  margin-inline-end: .4rem; vertical-align: middle; background: currentColor; }
.legend .raw::before { background: var(--raw); } .legend .strong::before { background: var(--strong); }
.legend .mark::before { background: var(--mark); } .legend .second::before { background: var(--second); }
summary { cursor: pointer; }
@media print { body { max-width: none; padding: 0; } figure { break-inside: avoid; } }
"""
