
const list = document.querySelector(".gallery"), cards = [...list.children];
const tools = document.querySelector(".tools");

if (tools) {
  const find = document.getElementById("find"), count = document.getElementById("count");
  const buttons = [...tools.querySelectorAll(".sort button")];
  const order = new Map(cards.map((card, index) => [card, {index, ...JSON.parse(card.dataset.order)}]));

  function filter() {
    const wanted = find.value.trim().toLowerCase().split(/\s+/);
    for (const card of cards) card.hidden = !wanted.every((word) => card.dataset.words.includes(word));
    const left = cards.filter((card) => !card.hidden).length;
    const runs = cards.length === 1 ? "1 run" : `${cards.length} runs`;
    count.textContent = left === cards.length ? runs : `${left} of ${runs}`;
  }

  // Numbers before texts, and what has no value last, whichever way round.
  function compare(a, b, sign) {
    if (a === undefined || b === undefined) return (a === undefined) - (b === undefined);
    if (typeof a === "number" && typeof b === "number") return sign * (a - b);
    if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
    return sign * String(a).localeCompare(String(b));
  }

  function sort(button) {
    const pressed = button.getAttribute("aria-pressed") === "true";
    const down = pressed ? button.dataset.now !== "1" : button.dataset.down === "1";
    for (const other of buttons) {
      other.setAttribute("aria-pressed", other === button);
      other.querySelector(".arrow").textContent = other === button ? (down ? "↓" : "↑") : "";
      other.removeAttribute("aria-label");
    }
    button.dataset.now = Number(down);
    button.setAttribute("aria-label", `${button.firstChild.data}, ${down ? "descending" : "ascending"}`);
    const key = button.dataset.key, sign = down ? -1 : 1;
    list.append(...cards.slice().sort((a, b) => {
      const first = order.get(a), second = order.get(b);
      return compare(first[key], second[key], sign) || first.index - second.index;
    }));
  }

  tools.addEventListener("click", (event) => {
    const button = event.target.closest(".sort button");
    if (button) sort(button);
  });
  tools.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(event.target.closest(".sort button"));
    const next = buttons[at + {ArrowLeft: -1, ArrowRight: 1}[event.key]];
    if (at >= 0 && next) {
      event.preventDefault();
      next.focus();
    }
  });
  tools.addEventListener("submit", (event) => event.preventDefault());
  find.addEventListener("input", filter);
  tools.hidden = false;
  filter();
}
