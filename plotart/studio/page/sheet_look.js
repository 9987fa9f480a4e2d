// The sheet looked at between two pens: a photograph tells how it lies, and what is left is plotted to meet that.

import {post} from "./api.js";
import {photographButton, takeFiles} from "./drops.js";
import {el, fill} from "./element.js";
import {attempt, say} from "./notices.js";
import {number, t} from "./text.js";

const CAUSES = ["auto", "sheet-moved", "pen-aside", "relaid"];

/**
 * The part of a plot's panel; `show(where)` shows it while a pen is done, one is left, and nothing moves.
 *
 * @param {string} path of the plot on the server
 * @param {(where: object) => void} corrected has how the plot stands once a correction was taken
 */
export function sheetLook(path, corrected) {
  const result = el("div", {"aria-live": "polite"}), cause = el("select", {"aria-label": t("sheet.cause"), onchange: () => look(new Blob([]))}, CAUSES.map((name) => el("option", {value: name}, t(`sheet.cause.${name}`))));
  const part = el("details", {class: "more sheet-look", hidden: true}, el("summary", {}, t("sheet")),
    el("p", {class: "soft"}, t("sheet.how")), el("div", {class: "row"}, photographButton(t("sheet.photograph"), look)), result);
  let endFiles = null, done = "";

  async function look(photograph) {
    part.open = true;
    fill(result, el("p", {class: "soft"}, t("align.reading")));
    const found = await attempt(() => post(`${path}/photograph?cause=${encodeURIComponent(cause.value)}`, photograph));
    fill(result);
    if (found) showFound(found);
  }

  function showFound({layers, cause: why, left, correction, dpi, picture_at: at}) {
    const way = ([right, down], degrees) => t("sheet.way", {right: number(right, 2), down: number(down, 2), degrees: number(degrees, 2)});
    const faded = layers.filter((layer) => layer.faded);
    fill(result,
      el("figure", {class: "align-found"}, el("img", {src: `${path}/seen?at=${at}`, alt: t("sheet.seen")}), el("figcaption", {class: "soft"}, t("sheet.seen.key", {dpi}))),
      el("div", {class: "scroll"}, el("table", {class: "measured"},
        el("thead", {}, el("tr", {}, [t("charts.pen"), t("sheet.aside"), t("sheet.ink")].map((words) => el("th", {scope: "col"}, words)))),
        el("tbody", {}, layers.map((layer) => el("tr", {}, el("th", {scope: "row"}, el("i", {class: "dot", style: {background: layer.color}}), layer.name),
          el("td", {}, way(layer.aside, layer.degrees)), el("td", {}, layer.inks.map((ink) => (ink === null ? "?" : t("percent", {n: Math.round(100 * ink)}))).join(", "))))))),
      faded.length > 0 && el("ul", {class: "warnings"}, faded.map((layer) => el("li", {}, t("sheet.faded", {name: layer.name})))),
      el("label", {class: "row"}, el("span", {}, t("sheet.cause")), cause),
      el("p", {}, correction ? t(`sheet.correct.${why}`, {names: left.join(", "), way: way(correction.shift, correction.degrees)}) : why === "pen-aside" ? t("sheet.pen-aside") : t("sheet.nothing")),
      correction && el("div", {class: "row"},
        el("button", {type: "button", class: "button primary", onclick: take}, t("sheet.take")),
        el("button", {type: "button", class: "button", onclick: () => fill(result)}, t("sheet.leave"))));
  }

  async function take() {
    const where = await attempt(() => post(`${path}/correct`));
    if (!where) return;
    fill(result);
    part.open = false;
    say(t("sheet.taken"));
    corrected(where);
  }

  part.show = ({state, pens}) => {
    const moves = state === "plots" || state === "paused", statuses = pens.map((pen) => pen.status);
    part.hidden = moves || !statuses.includes("done") || statuses.every((status) => ["done", "skipped"].includes(status));
    // What was told of a sheet is over once another pen has drawn on it.
    if (statuses.join() !== done || part.hidden) fill(result);
    done = statuses.join();
    if (part.hidden) part.end();
    else endFiles ??= takeFiles(look);
  };
  part.end = () => {
    endFiles?.();
    endFiles = null;
  };
  return part;
}
