"""The looks that the pages have in common: type, figures, tables, charts."""

from __future__ import annotations

CSS = """
:root { --ink: #23211e; --soft: #6c675f; --rule: #e2ddd3; --ground: #f4f1ea; --sheet: #ffffff; --accent: #1f5fa8;
  color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif;
  -webkit-text-size-adjust: 100%; }
main { max-width: 78rem; margin: 0 auto; padding: 2.25rem 1.25rem 5rem; }
h1 { font-size: 2.1rem; line-height: 1.15; margin: 0 0 .25rem; letter-spacing: -.02em; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; line-height: 1.3; margin: 3.25rem 0 1rem; letter-spacing: -.01em; }
p { margin: 0 0 .8rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
.lead, .note { color: var(--soft); }
.lead { margin: 0; overflow-wrap: anywhere; }
.note { font-size: .875rem; max-width: 46rem; margin-top: .7rem; }
.warning { border-left: 4px solid #c8102e; background: #fff; padding: .6rem .9rem; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem 3rem; margin: 2.75rem 0 0; padding: 1.4rem 0 0;
  border-top: 1px solid var(--rule); }
.figures dt { color: var(--soft); font-size: .8125rem; }
.figures dd { margin: 0; font-size: 1.6rem; line-height: 1.3; font-weight: 600; letter-spacing: -.01em;
  font-variant-numeric: tabular-nums; }
.sheets { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 2.5rem;
  margin: 2rem 0 0; align-items: start; }
figure { margin: 0; min-width: 0; }
figcaption { color: var(--soft); font-size: .875rem; margin-top: 1rem; max-width: 36rem; }
.preview { display: grid; justify-items: center; }
.preview img { display: block; width: min(100%, max(18rem, (100vh - 15.5rem) * var(--aspect, 9))); height: auto;
  box-shadow: 0 0 0 1px #00000012, 0 1px 2px #0002, 0 14px 44px -8px #0003; }
.swatch { display: inline-block; width: .9em; height: .9em; border-radius: 50%; border: 1px solid #0003;
  vertical-align: -.08em; margin-right: .55em; flex: none; print-color-adjust: exact;
  -webkit-print-color-adjust: exact; }
.scroll { overflow-x: auto; background: var(--sheet); border: 1px solid var(--rule); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .6rem 1rem; text-align: right; border-top: 1px solid var(--rule); white-space: nowrap; }
thead th, table > tbody:first-child > tr:first-child > * { border-top: 0; }
thead th { color: var(--soft); font-size: .8125rem; font-weight: 500; }
tfoot th, tfoot td { font-weight: 600; }
th:first-child, td:first-child { text-align: left; }
tbody th { font-weight: 400; }
td.words { width: 70%; text-align: left; white-space: normal; color: var(--soft); font-size: .875rem; }
.bar { display: block; height: .375rem; margin: .3rem 0 .2rem; border-radius: 2px; background: var(--accent);
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 11rem), 1fr)); gap: 1rem 1.5rem;
  margin: 0 0 1.5rem; }
.facts dt { color: var(--soft); font-size: .8125rem; }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); gap: 1rem; }
.charts figure { background: var(--sheet); border: 1px solid var(--rule); border-radius: 8px; padding: .7rem .8rem; }
.charts figcaption { margin: 0 0 .35rem; color: var(--ink); font-weight: 500; overflow-wrap: anywhere; }
.chart { display: block; width: 100%; height: auto; }
details { background: var(--sheet); border: 1px solid var(--rule); border-radius: 8px; padding: 0 1rem;
  margin-top: 1rem; }
summary { cursor: pointer; font-weight: 500; padding: .7rem 0; }
pre { overflow-x: auto; margin: 0 0 1rem; font: .8125rem/1.55 ui-monospace, monospace; tab-size: 2; }
@media (max-width: 40rem) { main { padding-top: 1.5rem; } th, td { padding: .55rem .25rem; font-size: .8125rem; }
 th:first-child { padding-left: .7rem; } tr > :last-child { padding-right: .7rem; }
 thead th { font-size: .75rem; } .sheets { gap: 2.25rem; margin-top: 1.25rem; }
 .figures { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; } .figures dd { font-size: 1.35rem; }
 td.words { font-size: .8125rem; } thead th { white-space: normal; } }
@media (prefers-reduced-motion: reduce) { * { transition: none !important; animation: none !important; } }
@media print { body { background: #fff; font-size: 11pt; } main { padding: 0; max-width: none; }
 details { display: none; } h2 { break-after: avoid; } tr, figure { break-inside: avoid; } }
"""
