// Keys for all of the page, and the dialog that lists them. A view says what a key does while it is open.

import {openDialog} from "./dialog.js";
import {el} from "./element.js";
import {t} from "./text.js";

const actions = new Map();

/** Keys by name, as in "Space", "s", "Ctrl+z", "Ctrl+Shift+z"; gives a function that lets go of them. */
export function onKeys(map) {
  for (const [key, act] of Object.entries(map)) actions.set(key, act);
  return () => {
    for (const [key, act] of Object.entries(map)) if (actions.get(key) === act) actions.delete(key);
  };
}

function nameOf(event) {
  const key = event.key === " " ? "Space" : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const control = event.ctrlKey || event.metaKey ? "Ctrl+" : "";
  return `${control}${control && event.shiftKey ? "Shift+" : ""}${key}`;
}

export function listenToKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || document.querySelector("dialog[open]")) return;
    const name = nameOf(event), {target} = event, control = name.startsWith("Ctrl+");
    // What is typed into a field is the field's, and a button or a switch has the space bar for itself.
    if (target.closest("input, textarea, select") && !(target.type === "range" && control)) return;
    if (!control && ["Space", "Enter"].includes(name) && target.closest("button, a, summary, [role=slider], [tabindex='0']:not(.stage)")) return;
    const act = actions.get(name) ?? (name === "?" ? showHelp : null);
    if (!act) return;
    event.preventDefault();
    act();
  });
}

export function showHelp() {
  const keys = ["space", "step", "undo", "redo", "tools", "delete", "escape", "zoom", "fit", "arrows", "panels", "find", "help"];
  openDialog(t("help.title"),
    el("p", {class: "soft"}, t("help.lead")),
    el("dl", {class: "keys"}, keys.map((key) => el("div", {}, el("dt", {}, t(`help.keys.${key}`).split(" ").map((one) => el("kbd", {}, one))),
      el("dd", {}, t(`help.does.${key}`))))),
    el("p", {class: "soft"}, t("help.touch")));
}
