// The run in figures: the loss and its terms over time, how firmly pens are chosen, how much each of them draws.

import {el, fill, restyle, setText} from "./element.js";
import {figure, number, t} from "./text.js";

const KEPT = 400, SVG = "http://www.w3.org/2000/svg";

/** A small curve of what it is told, without axes. */
class Curve {
  #values = [];
  #path = document.createElementNS(SVG, "path");
  svg = document.createElementNS(SVG, "svg");

  constructor() {
    this.svg.setAttribute("viewBox", "0 0 100 28");
    this.svg.setAttribute("preserveAspectRatio", "none");
    this.svg.setAttribute("class", "curve");
    this.svg.setAttribute("aria-hidden", "true");
    this.#path.setAttribute("vector-effect", "non-scaling-stroke");
    this.svg.append(this.#path);
  }

  clear() {
    this.#values = [];
  }

  add(value) {
    this.#values.push(value);
    // Every other value is enough of a curve that has become long.
    if (this.#values.length > KEPT) this.#values = this.#values.filter((_, i) => i % 2 === 0);
    const values = this.#values, least = Math.min(...values), most = Math.max(...values), span = most - least || 1;
    const x = (i) => (100 * i) / Math.max(1, values.length - 1), y = (one) => 26 - (24 * (one - least)) / span;
    this.#path.setAttribute("d", values.map((one, i) => `${i ? "L" : "M"}${x(i).toFixed(2)} ${y(one).toFixed(2)}`).join(""));
  }
}

export function figuresPanel(version) {
  const loss = {curve: new Curve(), words: el("dd", {class: "big"}, "–")}, terms = new Map();
  const facts = {}, list = el("dl", {class: "facts"}, ["lines", "metres", "temperature", "decided"].map((key) => {
    facts[key] = el("dd", {}, "–");
    return el("div", {}, el("dt", {}, t(`figures.${key}`)), facts[key]);
  }));
  const termList = el("dl", {class: "terms"}), use = el("div", {class: "use", "aria-hidden": "true"}), useList = el("ul", {class: "use-list", "aria-label": t("figures.use")});
  const empty = el("p", {class: "soft"}, t("figures.none"));
  const running = el("div", {hidden: true},
    el("dl", {class: "loss"}, el("div", {}, el("dt", {}, t("figures.loss")), loss.words), loss.curve.svg),
    list, el("h3", {}, t("figures.use")), use, useList, el("h3", {}, t("figures.terms")), termList);
  const figures = el("dl", {class: "facts"}), done = el("div", {class: "as-plotted", hidden: true}, el("h3", {}, t("figures.as-plotted")), figures);
  const panel = el("div", {class: "panel-body"}, empty, done, running);
  let last = -1, penKey = "";

  panel.note = ({header}) => {
    empty.hidden = true;
    running.hidden = false;
    if (header.step < last) {
      loss.curve.clear();
      terms.forEach(({curve}) => curve.clear());
    }
    // Steps of before the page was opened.
    if (last < 0) version.losses.forEach((value) => loss.curve.add(value));
    const fresh = header.step !== last;
    last = header.step;
    if (header.line) {
      setText(facts.lines, number(header.line.lines));
      setText(facts.metres, number(header.line.metres, 1));
    }
    if (header.loss === undefined) return;
    setText(loss.words, figure(header.loss));
    setText(facts.temperature, figure(header.temperature));
    setText(facts.decided, t("percent", {n: Math.round(100 * header.decided)}));
    if (fresh) loss.curve.add(header.loss);
    for (const [name, value] of Object.entries(header.losses)) {
      if (!terms.has(name)) {
        const term = {curve: new Curve(), words: el("dd", {})};
        terms.set(name, term);
        termList.append(el("div", {}, el("dt", {}, name.replaceAll("_", " ")), term.curve.svg, term.words));
      }
      const term = terms.get(name);
      setText(term.words, figure(value));
      if (fresh) term.curve.add(value);
    }
    showUse(header);
  };

  function showUse({use: shares, pens}) {
    const key = JSON.stringify(pens);
    if (key !== penKey) {
      penKey = key;
      fill(use, pens.map((pen) => el("i", {style: {background: pen.color}})));
      fill(useList, pens.map((pen) => el("li", {}, el("i", {class: "dot", style: {background: pen.color}}), el("span", {class: "name"}, pen.name), el("span", {class: "amount"}))));
    }
    shares.forEach((share, i) => {
      if (use.children[i]) restyle(use.children[i], {"flex-grow": share});
      const amount = useList.children[i]?.querySelector(".amount");
      if (amount) setText(amount, t("percent", {n: Math.round(100 * share)}));
    });
  }

  panel.show = () => {
    const {summary} = version;
    done.hidden = !summary;
    if (!summary) return;
    empty.hidden = true;
    const {activation = {}, line = {}} = summary;
    const values = [
      [t("figures.metres"), line?.metres, 1], [t("figures.lines"), line?.lines, 0], [t("figures.stubs"), line?.stubs, 0],
      [t("figures.crossings"), line?.crossings, 0], [t("figures.blank"), activation.blank, 2], [t("figures.plotted"), activation.plotted, 2],
    ].filter(([, value]) => typeof value === "number");
    fill(figures, values.map(([words, value, digits]) => el("div", {}, el("dt", {}, words), el("dd", {}, number(value, digits)))));
  };
  return panel;
}
