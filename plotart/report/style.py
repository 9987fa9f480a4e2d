"""The looks of the report, and the script that shows and hides layers."""

from __future__ import annotations

CSS = """
:root { --ink: #23211e; --soft: #6c675f; --rule: #e2ddd3; --ground: #f4f1ea; --sheet: #ffffff; --accent: #1f5fa8; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 2.1rem; line-height: 1.15; margin: 0 0 .25rem; letter-spacing: -.02em; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.75rem 0 .9rem; }
p { margin: 0 0 .8rem; }
.lead, .note { color: var(--soft); }
.note { font-size: .875rem; max-width: 46rem; margin-top: .6rem; }
.warning { border-left: 4px solid #c8102e; background: #fff; padding: .6rem .9rem; }
.figures { display: flex; flex-wrap: wrap; gap: .75rem 2.5rem; margin: 1.25rem 0 0; }
.figures div { min-width: 6rem; }
.figures dt { color: var(--soft); font-size: .8rem; }
.figures dd { margin: 0; font-size: 1.45rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.sheets { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1.75rem; }
figure { margin: 0; }
figcaption { color: var(--soft); font-size: .875rem; margin-top: .6rem; }
.paper { display: block; width: min(100%, 88vh * var(--aspect, 1)); isolation: isolate;
  box-shadow: 0 1px 2px #0002, 0 8px 28px #0002; }
.drawing { display: block; width: 100%; height: auto; }
img.paper { height: auto; }
.multiply { mix-blend-mode: multiply; }
.hidden { display: none; }
.pens { display: flex; flex-wrap: wrap; gap: .35rem .6rem; padding: 0; margin: .9rem 0 0; list-style: none; }
.pens label { display: flex; align-items: center; gap: .45rem; background: var(--sheet); border: 1px solid var(--rule);
  border-radius: 99px; padding: .2rem .8rem .2rem .6rem; font-size: .875rem; cursor: pointer; }
.pens input { accent-color: var(--accent); margin: 0; }
.swatch { display: inline-block; width: .9em; height: .9em; border-radius: 50%; border: 1px solid #0003;
  vertical-align: -.08em; margin-right: .45em; flex: none; }
.pens .swatch { margin: 0; }
.scroll { overflow-x: auto; background: var(--sheet); border: 1px solid var(--rule); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .5rem .9rem; text-align: right; border-top: 1px solid var(--rule); white-space: nowrap; }
thead th { border-top: 0; color: var(--soft); font-size: .8rem; font-weight: 500; }
tfoot th, tfoot td { font-weight: 600; }
th:first-child, td:first-child { text-align: left; }
tbody th { font-weight: 400; }
td.words { text-align: left; white-space: normal; min-width: 14rem; color: var(--soft); font-size: .875rem; }
td.bar { width: 22%; min-width: 6rem; }
td.bar span { display: block; height: .55rem; border-radius: 2px; background: var(--accent); }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); gap: 1rem; }
.charts figure { background: var(--sheet); border: 1px solid var(--rule); border-radius: 8px; padding: .7rem .8rem; }
.charts figcaption { margin: 0 0 .35rem; color: var(--ink); font-weight: 500; overflow-wrap: anywhere; }
.chart { display: block; width: 100%; height: auto; }
details { background: var(--sheet); border: 1px solid var(--rule); border-radius: 8px; padding: .6rem .9rem; }
summary { cursor: pointer; font-weight: 500; }
pre { overflow-x: auto; margin: .75rem 0 .25rem; font: .8125rem/1.5 ui-monospace, monospace; tab-size: 2; }
@media (max-width: 40rem) { th, td { padding: .45rem .5rem; font-size: .875rem; } td.bar { display: none; }
 th.bar { display: none; } td.words { min-width: 10rem; } thead th { white-space: normal; } }
@media print { body { background: #fff; } .pens, details { display: none; } }
"""

SCRIPT = """
for (const box of document.querySelectorAll("input[data-layer]")) {
  const show = () => document.getElementById(box.dataset.layer).classList.toggle("hidden", !box.checked);
  box.addEventListener("change", show);
  show();
}
"""
