// Dialogs over the page.

import {el} from "./element.js";
import {icon} from "./icons.js";
import {t} from "./text.js";

/** Opens a dialog; gives it with `close`. What has the focus gets it back. */
export function openDialog(title, ...children) {
  const heading = el("h2", {id: "dialog-title", tabindex: "-1", autofocus: true}, title);
  const dialog = el("dialog", {class: "dialog", "aria-labelledby": "dialog-title"},
    el("header", {}, heading,
      el("button", {type: "button", class: "icon-button", "aria-label": t("close"), onclick: () => dialog.close()}, icon("close"))),
    el("div", {class: "dialog-body"}, children));
  dialog.addEventListener("close", () => dialog.remove());
  // A click beside it closes it.
  dialog.addEventListener("pointerdown", (event) => {
    const {left, right, top, bottom} = dialog.getBoundingClientRect();
    const inside = event.clientX >= left && event.clientX <= right && event.clientY >= top && event.clientY <= bottom;
    if (event.target === dialog && !inside) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
