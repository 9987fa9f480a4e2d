// Pens out of the catalogue: a set, and which of it.

import {el, fill} from "./element.js";
import {t} from "./text.js";

const PX_PER_MM = 96 / 25.4, SVG = "http://www.w3.org/2000/svg";

/** A stroke of a pen, as wide as it draws. */
export function penStroke({color, width}) {
  const svg = document.createElementNS(SVG, "svg"), path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 44 16");
  svg.setAttribute("class", "pen-stroke");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", "M5 10C11 1 16 4 20 8s9 6 19-2");
  path.setAttribute("stroke", color);
  path.setAttribute("stroke-width", Math.min(9, Math.max(1.1, Number.parseFloat(width) * PX_PER_MM)));
  svg.append(path);
  return svg;
}

/** A list of all sets, one's own first. */
export function setSelect(sets, chosen, change) {
  const group = (label, own) => own.length > 0 && el("optgroup", {label}, own.map((set) =>
    el("option", {value: set.name}, t("set.option", {title: set.title || set.name, n: set.pens.length}))));
  const select = el("select", {class: "set-select", "aria-label": t("pens.set"), value: chosen, onchange: () => change(select.value)},
    group(t("pens.mine"), sets.filter((set) => set.mine)), group(t("pens.catalogue"), sets.filter((set) => !set.mine)));
  return select;
}

/** Pens of a set as switches; `change(names)` gets those that are on, in the set's order. */
export function penSwitches(set, chosen, change, paper = null) {
  const on = new Set(chosen);
  const list = el("ul", {class: "pen-switches", ...(paper && {style: {"--paper": paper}})});
  fill(list, set.pens.map((pen) => el("li", {}, el("label", {class: "pen-switch"},
    el("input", {type: "checkbox", checked: on.has(pen.name), onchange: (event) => {
      if (event.target.checked) on.add(pen.name);
      else on.delete(pen.name);
      change(set.pens.map((one) => one.name).filter((name) => on.has(name)));
    }}),
    penStroke(pen), el("span", {}, shortName(pen.name, set))))));
  return list;
}

/** A pen's name without what all of its set begin with. */
export function shortName(name, set) {
  const first = set.pens[0].name, words = first.split(" ");
  let common = 0;
  while (common < words.length - 1 && set.pens.length > 1 && set.pens.every((pen) => pen.name.startsWith(`${words.slice(0, common + 1).join(" ")} `))) common++;
  return name.split(" ").slice(common).join(" ") || name;
}
