// The bar at the top of a view.

import {el} from "./element.js";
import {icon} from "./icons.js";
import {showHelp} from "./keys.js";
import {wallAddress} from "./routes.js";
import {t} from "./text.js";
import {themeButton} from "./theme.js";

/** `left` and `right` are what the view adds; `home` shows the way back to the wall. */
export function header({home = true, left = [], right = []}) {
  return el("header", {class: "topbar"},
    home && el("a", {class: "icon-button", href: wallAddress, "aria-label": t("to-wall"), title: t("to-wall")}, icon("back")),
    el("div", {class: "topbar-left"}, left),
    el("div", {class: "topbar-right"}, right, themeButton(),
      el("button", {type: "button", class: "icon-button help-button", "aria-label": t("help"), title: t("help"), onclick: showHelp}, icon("help"))));
}

export function iconButton(name, label, act, attributes = {}) {
  return el("button", {type: "button", class: "icon-button", "aria-label": label, title: label, onclick: act, ...attributes}, icon(name));
}
