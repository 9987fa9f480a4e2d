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
