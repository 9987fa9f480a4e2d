// A button that opens a list of things to do.

import {el} from "./element.js";
import {icon} from "./icons.js";

/** `items()` gives [{words, icon, act}], with `danger` for what takes something away, when the menu is opened. */
export function menu(label, items, {name = "more"} = {}) {
  const list = el("div", {class: "menu", role: "menu", popover: "auto"});
  const button = el("button", {type: "button", class: "icon-button", "aria-label": label, "aria-haspopup": "menu", title: label}, icon(name));
  const entries = () => [...list.children];

  function open() {
    list.replaceChildren(...items().map((item) => el("button", {
      type: "button", role: "menuitem", class: item.danger ? "danger" : "", tabindex: "-1",
      onclick: () => {
        list.hidePopover();
        item.act();
      },
    }, icon(item.icon), item.words)));
    list.showPopover();
    const at = button.getBoundingClientRect(), {offsetWidth: width, offsetHeight: height} = list;
    const below = at.bottom + 4 + height < innerHeight;
    list.style.setProperty("left", `${Math.max(8, Math.min(at.right - width, innerWidth - width - 8))}px`);
    list.style.setProperty("top", `${below ? at.bottom + 4 : Math.max(8, at.top - height - 4)}px`);
    entries()[0]?.focus();
  }

  button.addEventListener("click", (event) => {
    event.preventDefault();
    event.stopPropagation();
    open();
  });
  list.addEventListener("keydown", (event) => {
    const all = entries(), at = all.indexOf(document.activeElement);
    const to = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1}[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    all[(to + all.length) % all.length].focus();
  });
  list.addEventListener("toggle", (event) => {
    button.setAttribute("aria-expanded", event.newState === "open");
    if (event.newState === "closed" && list.contains(document.activeElement)) button.focus();
  });
  return el("span", {class: "menu-place"}, button, list);
}
