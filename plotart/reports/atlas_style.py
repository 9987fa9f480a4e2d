"""The looks of an atlas, on top of the report's, and the script that sorts, finds and chooses."""

from __future__ import annotations

ATLAS_CSS = """
html { scroll-padding-bottom: 9rem; }
main { max-width: 100rem; padding-bottom: 9rem; }
.tools { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem 1.75rem; margin: 1.5rem 0 0; }
.tools[hidden], .chosen[hidden], li[hidden] { display: none; }
.tools label { display: inline-flex; align-items: center; gap: .5rem; color: var(--soft); font-size: .875rem; }
.tools input[type=search] { font: inherit; font-size: 1rem; color: var(--ink); width: 12rem; padding: .4rem .75rem;
  background: var(--sheet); border: 1px solid var(--rule); border-radius: 99px; }
.tools fieldset { display: flex; align-items: center; gap: 1rem; border: 0; margin: 0; padding: 0; }
.tools legend { float: left; padding: 0; color: var(--soft); font-size: .875rem; }
.tools fieldset label { color: var(--ink); padding: .4rem 0; cursor: pointer; }
.tools input[type=radio] { accent-color: var(--accent); margin: 0; }
#count { color: var(--soft); font-size: .875rem; font-variant-numeric: tabular-nums; }
.atlas { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: 1.5rem 1.25rem;
  list-style: none; padding: 0; margin: 1.75rem 0 0; }
.atlas button { display: grid; grid-template-columns: 1fr auto; gap: 0 .5rem; width: 100%; padding: 0; border: 0;
  background: none; color: inherit; font: inherit; text-align: left; cursor: pointer; }
.atlas img { grid-column: 1 / -1; display: block; width: 100%; height: auto; aspect-ratio: 1; background: var(--sheet);
  box-shadow: 0 0 0 1px var(--rule); transition: box-shadow .15s; }
.atlas button:hover img { box-shadow: 0 0 0 1px var(--rule), 0 6px 20px #0002; }
.atlas button:focus-visible { outline: none; }
.atlas button:focus-visible img { box-shadow: 0 0 0 3px var(--accent); }
.atlas button[aria-pressed=true] img { box-shadow: 0 0 0 2px var(--ink); }
.name { margin-top: .5rem; font-size: .9375rem; line-height: 1.3; overflow-wrap: anywhere; }
.gain { margin-top: .5rem; font-size: .8125rem; line-height: 1.5; color: var(--soft);
  font-variant-numeric: tabular-nums; }
.share { grid-column: 1 / -1; height: 2px; margin-top: .35rem; background: var(--rule); }
.share span { display: block; height: 100%; background: var(--accent); }
.weak img { opacity: .45; }
.weak .gain { color: #b3261e; }
.chosen { position: fixed; inset: auto 0 0; display: flex; align-items: center; gap: 1rem; padding: .75rem 1.25rem;
  padding-bottom: max(.75rem, env(safe-area-inset-bottom)); background: var(--sheet);
  border-top: 1px solid var(--rule); box-shadow: 0 -8px 28px #0001; }
.chosen img { width: 4.5rem; aspect-ratio: 1; flex: none; box-shadow: 0 0 0 1px var(--rule); }
.chosen div { flex: 1; min-width: 0; }
.chosen p { margin: 0 0 .15rem; color: var(--soft); font-size: .8125rem; }
.chosen code { font: .9375rem/1.5 ui-monospace, monospace; overflow-wrap: anywhere; user-select: all; }
.chosen button { font: inherit; font-size: .875rem; color: inherit; padding: .4rem .9rem; background: var(--ground);
  border: 1px solid var(--rule); border-radius: 99px; cursor: pointer; }
@media (max-width: 40rem) { .atlas { grid-template-columns: repeat(auto-fill, minmax(7rem, 1fr)); gap: 1.1rem .9rem; }
 .atlas button { grid-template-columns: 1fr; } .gain { margin-top: 0; }
 .chosen { gap: .75rem; } .chosen code { font-size: .8125rem; } .chosen img { width: 3.25rem; } }
@media print { .tools, .chosen, .note { display: none; } li { break-inside: avoid; } }
"""

ATLAS_SCRIPT = """
const list = document.querySelector(".atlas"), cells = [...list.children];
const find = document.getElementById("find"), count = document.getElementById("count");
const chosen = document.querySelector(".chosen"), term = document.getElementById("term");
const state = chosen.querySelector("p");
const shown = () => [...list.children].filter((cell) => !cell.hidden);

function filter() {
  const wanted = find.value.trim().toLowerCase();
  for (const cell of cells) cell.hidden = !cell.dataset.label.toLowerCase().includes(wanted);
  const left = shown().length;
  count.textContent = left === cells.length ? `${left} drawings` : `${left} of ${cells.length} drawings`;
}

function sort(key) {
  const sign = key === "gain" ? -1 : 1;
  list.append(...cells.slice().sort((a, b) => sign * (a.dataset[key] - b.dataset[key])));
}

async function choose(button) {
  for (const other of list.querySelectorAll("[aria-pressed]")) other.removeAttribute("aria-pressed");
  button.setAttribute("aria-pressed", "true");
  chosen.hidden = false;
  chosen.querySelector("img").src = button.querySelector("img").src;
  term.textContent = button.dataset.term;
  try {
    await navigator.clipboard.writeText(term.textContent);
    state.textContent = "Copied for the objective of a config:";
  } catch {
    // Not every browser lets a page from a file near the clipboard; what is selected can be copied by hand.
    getSelection().selectAllChildren(term);
    state.textContent = "Selected, for the objective of a config:";
  }
}

function close() {
  chosen.hidden = true;
  const button = list.querySelector("[aria-pressed]");
  button?.removeAttribute("aria-pressed");
  button?.focus();
}

function neighbour(cell, key) {
  const row = shown(), at = row.indexOf(cell);
  const columns = row.filter((other) => other.offsetTop === row[0].offsetTop).length;
  return row[at + {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns}[key]];
}

list.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) choose(button);
});
list.addEventListener("keydown", (event) => {
  const next = event.key.startsWith("Arrow") && neighbour(event.target.closest("li"), event.key);
  if (next) {
    event.preventDefault();
    next.querySelector("button").focus();
  }
});
find.addEventListener("input", filter);
document.querySelector(".tools").addEventListener("change", (event) => {
  if (event.target.name === "sort") sort(event.target.value);
});
document.querySelector(".tools").addEventListener("submit", (event) => event.preventDefault());
document.getElementById("close").addEventListener("click", close);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !chosen.hidden) close();
});
document.querySelector(".tools").hidden = false;
document.querySelector("[name=sort]:checked").dispatchEvent(new Event("change", {bubbles: true}));
filter();
"""
