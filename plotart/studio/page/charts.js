// Charts of one's own pens: drawn, scanned, and measured against what the maker says.

import {catalogue, post} from "./api.js";
import {openDialog} from "./dialog.js";
import {el, fill} from "./element.js";
import {photographButton, takeFiles} from "./drops.js";
import {attempt} from "./notices.js";
import {paperSelect} from "./papers.js";
import {saveAs} from "./pens.js";
import {penSwitches, setSelect} from "./pen_list.js";
import {plotting} from "./plotting.js";
import {number, t} from "./text.js";

export async function chartDialog() {
  const shop = await attempt(catalogue);
  if (!shop) return;
  let set = shop.sets.find(({mine}) => mine) ?? shop.sets[0], size = "a4", only = null, ends = () => {};
  const pens = el("div", {}), made = el("div", {"aria-live": "polite"});
  const show = () => fill(pens, penSwitches(set, [], (names) => (only = names.length ? names : null)));
  const dialog = openDialog(t("charts"),
    el("p", {class: "soft"}, t("charts.how")),
    el("div", {class: "row"}, setSelect(shop.sets, set.name, (name) => {
      set = shop.sets.find((one) => one.name === name);
      only = null;
      show();
    }), paperSelect(shop.papers, size, (name) => (size = name)),
    el("button", {type: "button", class: "button primary", onclick: make}, t("charts.make"))), pens, made);
  dialog.classList.add("wide");
  dialog.addEventListener("close", () => ends());
  show();

  async function make() {
    const chart = await attempt(() => post("/api/charts", {set: set.name, size, ...(only && {pens: only})}));
    if (!chart) return;
    ends();
    const path = `/api/charts/${encodeURIComponent(chart.id)}`, result = el("div", {}), plot = plotting({called: `charts:${chart.id}`, path: `${path}/plot`});
    const read = async (scan) => {
      fill(result, el("p", {class: "soft"}, t("charts.measuring")));
      const found = await attempt(() => post(`${path}/scan`, scan));
      fill(result);
      if (found) showScan(chart, found);
    };
    const endFiles = takeFiles(read);
    ends = () => {
      endFiles();
      plot.end();
    };
    fill(made, el("div", {class: "align-sheet"},
      el("img", {class: "chart-picture", src: chart.url, alt: t("charts.picture", {title: chart.title})}),
      el("div", {}, el("div", {class: "row"},
        el("a", {class: "button", href: chart.url, download: `chart-${chart.id}.svg`}, t("charts.download")),
        photographButton(t("charts.scan"), read)), plot)), result);
    plot.hidden = false;
    plot.load();

    function showScan({id}, {pens: measured, warnings = []}) {
      const warned = [...warnings, ...measured.flatMap((pen) => (pen.warnings ?? []).map((words) => t("charts.of-pen", {name: pen.name, words})))];
      const name = el("input", {type: "text", required: true, maxlength: "60", "aria-label": t("pens.set-name"), placeholder: t("pens.set-name")});
      fill(result,
        warned.length > 0 && el("ul", {class: "warnings"}, warned.map((words) => el("li", {}, words))),
        el("table", {class: "measured"}, el("thead", {}, el("tr", {}, [t("charts.pen"), t("charts.nominal"), t("charts.measured"), t("charts.difference"), t("charts.nib")].map((words) => el("th", {scope: "col"}, words)))),
          el("tbody", {}, measured.map((pen) => el("tr", {}, el("th", {scope: "row"}, pen.name), swatch(pen.nominal.color), swatch(pen.color), el("td", {}, number(pen.difference, 1)), el("td", {}, t("charts.nibs", {nominal: number(pen.nominal.width, 2), measured: number(pen.width, 2)})))))),
        el("form", {class: "row", onsubmit: async (event) => {
          event.preventDefault();
          await saveAs(name.value.trim(), null, `/api/charts/${encodeURIComponent(id)}/save`);
          dialog.close();
        }}, name, el("button", {type: "submit", class: "button primary"}, t("pens.save"))));
    }
  }
}

const swatch = (color) => el("td", {}, el("i", {class: "dot large", style: {background: color}}), color);
