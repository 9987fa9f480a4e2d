// Two versions side by side, and what their configs have otherwise.

import {get, versionPath} from "./api.js";
import {differences} from "./differences.js";
import {el, fill} from "./element.js";
import {header} from "./header.js";
import {easelAddress} from "./routes.js";
import {stateWords} from "./states.js";
import {number, t} from "./text.js";

export async function openCompare(place, ...ids) {
  const both = await Promise.all(ids.slice(0, 2).map((id) => get(versionPath(id))));
  const found = differences(both[0].resolved, both[1].resolved);
  // Versions of each other often have one name.
  if (both[0].name === both[1].name) both.forEach((version) => (version.name = version.id));
  const one = (version) => el("figure", {class: "compared"},
    version.picture ? el("img", {src: version.picture, alt: t("picture.of", {name: version.name})}) : el("span", {class: "blank"}),
    el("figcaption", {}, el("a", {href: easelAddress(version.id)}, version.name), el("span", {class: "soft"}, stateWords(version)),
      version.excitation !== null && el("span", {class: "soft"}, t("compare.excitation", {n: number(version.excitation, 3)}))));
  fill(place,
    header({left: el("h1", {}, t("compare.title", {a: both[0].name, b: both[1].name}))}),
    el("main", {class: "compare"},
      el("div", {class: "pair"}, both.map(one)),
      el("h2", {}, t("compare.differences")),
      found.length
        ? el("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": t("compare.differences")}, el("table", {},
          el("thead", {}, el("tr", {}, el("th", {scope: "col"}, t("compare.key")), both.map((version) => el("th", {scope: "col"}, version.name)))),
          el("tbody", {}, found.map(([key, a, b]) => el("tr", {}, el("th", {scope: "row"}, key), [a, b].map(cell))))))
        : el("p", {class: "soft"}, t("compare.same"))));
  return () => {};
}

function cell(value) {
  const swatch = typeof value === "string" && /^#[0-9a-f]{6}$/i.test(value);
  return el("td", {}, swatch && el("i", {class: "dot", style: {background: value}}), value === undefined ? "–" : typeof value === "string" ? value : JSON.stringify(value));
}
