// Sheets of paper: sizes by name and colours.

import {el} from "./element.js";
import {maybe, number, t} from "./text.js";

export const PAPER_COLORS = ["#ffffff", "#fbfaf5", "#f3e9d2", "#d9b98c", "#c9d3d8", "#1c1c1e"];

/** Where inches are at home. */
const inches = /-(US|CA|MX|PH)\b/.test(navigator.language);

/** The paper to begin with: letter where that is what shops have. */
export const usualPaper = (papers) => (inches && papers.find((paper) => paper.name === "letter")) || papers.find((paper) => paper.name === "a5") || papers[0];

export function paperSelect(papers, chosen, change) {
  const select = el("select", {"aria-label": t("paper.size"), value: chosen, onchange: () => change(select.value)},
    papers.map((paper) => el("option", {value: paper.name}, t("paper.option", {
      name: maybe("paper.name", paper.name), width: number(paper.width, 1), height: number(paper.height, 1),
    }))));
  return select;
}

/** Colours of paper to choose from, and any other. */
export function paperColors(chosen, change) {
  const own = el("input", {type: "color", class: "color", "aria-label": t("paper.other-color"), value: chosen, oninput: () => choose(own.value)});
  const buttons = PAPER_COLORS.map((color) => el("button", {
    type: "button", class: "paper-color", role: "radio", "aria-label": maybe("paper.color", color), title: maybe("paper.color", color),
    style: {background: color}, onclick: () => choose(color),
  }));
  const list = el("div", {class: "paper-colors", role: "radiogroup", "aria-label": t("paper.color")}, buttons, own);

  function choose(color) {
    show(color);
    own.value = color;
    change(color);
  }
  const show = (color) => buttons.forEach((button, i) => button.setAttribute("aria-checked", PAPER_COLORS[i] === color));
  show(chosen);
  return list;
}
