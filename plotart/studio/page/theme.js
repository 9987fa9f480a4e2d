// Light, dark, or as the system has it.

import {el, fill} from "./element.js";
import {icon} from "./icons.js";
import {maybe, t} from "./text.js";

const ORDER = ["system", "light", "dark"], ICONS = {system: "theme", light: "sun", dark: "moon"};

const current = () => localStorage.getItem("plotart-theme") ?? "system";

export function applyTheme() {
  document.documentElement.dataset.theme = current();
}

export function themeButton() {
  const button = el("button", {type: "button", class: "icon-button", onclick: () => {
    localStorage.setItem("plotart-theme", ORDER[(ORDER.indexOf(current()) + 1) % ORDER.length]);
    applyTheme();
    show();
  }});
  function show() {
    const label = t("theme", {name: maybe("theme", current())});
    button.setAttribute("aria-label", label);
    button.title = label;
    fill(button, icon(ICONS[current()]));
  }
  show();
  return button;
}
