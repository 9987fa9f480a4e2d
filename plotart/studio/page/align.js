// Pens in register: a sheet of squares is made, plotted and photographed; where each pen lands is kept in its set.

import {catalogue, forgetCatalogue, post} from "./api.js";
import {openDialog} from "./dialog.js";
import {photographButton, takeFiles} from "./drops.js";
import {el, fill} from "./element.js";
import {attempt, say} from "./notices.js";
import {paperSelect} from "./papers.js";
import {penSwitches, setSelect} from "./pen_list.js";
import {plotting} from "./plotting.js";
import {number, t} from "./text.js";

export async function alignDialog() {
  const shop = await attempt(catalogue);
  if (!shop) return;
  let set = shop.sets.find(({mine}) => mine) ?? shop.sets[0], size = "a5", only = null, ends = () => {};
  const pens = el("div", {}), made = el("div", {"aria-live": "polite"});
  const show = () => fill(pens, penSwitches(set, [], (names) => (only = names.length ? names : null)));
  const dialog = openDialog(t("align"),
    el("p", {class: "soft"}, t("align.how")),
    el("div", {class: "row"}, setSelect(shop.sets, set.name, (name) => {
      set = shop.sets.find((one) => one.name === name);
      only = null;
      show();
    }), paperSelect(shop.papers, size, (name) => (size = name)),
    el("button", {type: "button", class: "button primary", onclick: make}, t("align.make"))), pens, made);
  dialog.classList.add("wide");
  dialog.addEventListener("close", () => ends());
  show();

  async function make() {
    const of = set.name, sheet = await attempt(() => post("/api/registers", {set: of, size, ...(only && {pens: only})}));
    if (!sheet) return;
    ends();
    const result = el("div", {}), path = ["/api/registers", encodeURIComponent(sheet.id)].join("/");
    const read = async (photograph) => {
      fill(result, el("p", {class: "soft"}, t("align.reading")));
      const found = await attempt(() => post(`${path}/photograph`, photograph));
      fill(result);
      if (found) showFound(path, of, found, result);
    };
    const plot = plotting({called: `registers:${sheet.id}`, path: `${path}/plot`});
    const endFiles = takeFiles(read);
    ends = () => {
      endFiles();
      plot.end();
    };
    fill(made,
      el("div", {class: "align-sheet"},
        el("img", {class: "chart-picture", src: sheet.url, alt: t("align.picture", {title: sheet.title})}),
        el("div", {},
          el("ol", {class: "instructions"}, ["plot", "photograph", "read"].map((step) => el("li", {}, t(`align.step.${step}`)))),
          el("div", {class: "row"},
            el("a", {class: "button", href: sheet.url, download: `align-${sheet.id}.svg`}, t("align.download")),
            photographButton(t("align.photograph"), read)), plot)), result);
    plot.hidden = false;
    plot.load();
  }

  function showFound(path, of, {pens: found, warnings, picture, dpi, residual}, place) {
    const [first] = found, rows = found.map((pen) => {
      const way = (axis) => el("input", {type: "number", step: "0.01", min: "-20", max: "20", class: "way-field", value: pen.offset ? pen.offset[axis] : null, disabled: pen === first, "aria-label": t(axis ? "align.down-of" : "align.right-of", {name: pen.name})});
      const nib = el("input", {type: "number", step: "0.01", min: "0.01", max: "10", class: "way-field", value: pen.nib ?? pen.width, "aria-label": t("align.nib-of", {name: pen.name})});
      return {pen, right: way(0), down: way(1), nib};
    });
    const nibs = el("input", {type: "checkbox"});
    const warned = [...warnings, ...found.flatMap((pen) => pen.warnings.map((words) => t("charts.of-pen", {name: pen.name, words})))];
    fill(place,
      el("figure", {class: "align-found"}, el("img", {src: picture, alt: t("align.found")}), el("figcaption", {class: "soft"}, t("align.found.key", {mm: number(residual, 2), dpi}))),
      warned.length > 0 && el("ul", {class: "warnings"}, warned.map((words) => el("li", {}, words))),
      el("div", {class: "scroll"}, el("table", {class: "measured"},
        el("thead", {}, el("tr", {}, [t("charts.pen"), t("align.right"), t("align.down"), t("align.apart"), t("align.nib")].map((words) => el("th", {scope: "col"}, words)))),
        el("tbody", {}, rows.map(({pen, right, down, nib}) => el("tr", {data: {pen: pen.name}},
          el("th", {scope: "row"}, el("i", {class: "dot", style: {background: pen.color}}), pen.name),
          el("td", {}, right), el("td", {}, down), el("td", {}, pen.apart === null ? "?" : t("paper.nib", {n: number(pen.apart, 2)})),
          el("td", {}, nib, el("span", {class: "soft"}, ` ${t("align.nib-said", {n: number(pen.width, 2)})}`))))))),
      el("label", {class: "check"}, nibs, t("align.keep-nibs")),
      el("div", {class: "row"}, el("button", {type: "button", class: "button primary", onclick: keep}, t("align.keep", {set: of})), el("span", {class: "soft"}, t("align.keep.help"))));

    async function keep() {
      const offsets = {}, widths = {};
      for (const {pen, right, down, nib} of rows) {
        if (pen !== first && right.value !== "" && down.value !== "") offsets[pen.name] = [Number(right.value), Number(down.value)];
        if (nibs.checked && nib.value !== "") widths[pen.name] = Number(nib.value);
      }
      if (!(await attempt(() => post(`${path}/keep`, {set: of, offsets, nibs: widths})))) return;
      forgetCatalogue();
      say(t("align.kept", {set: of}));
      dialog.close();
    }
  }
}
