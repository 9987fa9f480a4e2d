// What the network can be asked to see, with a small drawing of each.

import {el, fill, setText} from "./element.js";
import {icon} from "./icons.js";
import {t} from "./text.js";

const SHOWN_PX = 84;

/** A list to choose one from; `change(target)` gets it. */
export function targetList(targets, chosen, change) {
  const list = el("div", {class: "targets", role: "radiogroup", "aria-label": t("begin.targets")});
  const count = el("span", {class: "soft count", role: "status"});
  const buttons = targets.map((target) => {
    const zoom = SHOWN_PX / target.size;
    const picture = el("span", {class: "target-picture", style: {
      "background-image": `url("${encodeURI(target.picture)}")`, "background-position": `${-target.x * zoom}px ${-target.y * zoom}px`,
      width: `${SHOWN_PX}px`, height: `${SHOWN_PX}px`,
    }});
    // The picture's own size is only known once it is there.
    sizeOf(target.picture).then(({width, height}) => picture.style.setProperty("background-size", `${width * zoom}px ${height * zoom}px`));
    const button = el("button", {type: "button", class: "target", role: "radio", "aria-checked": target.label === chosen?.label, onclick: () => {
      buttons.forEach(([, other]) => other.setAttribute("aria-checked", other === button));
      change(target);
    }}, picture, el("span", {}, target.label));
    return [target, button];
  });
  const find = el("input", {type: "search", "aria-label": t("begin.find"), placeholder: t("begin.find"), oninput: filter});

  function filter() {
    const words = find.value.trim().toLowerCase();
    let seen = 0;
    for (const [target, button] of buttons) {
      button.hidden = !target.label.toLowerCase().includes(words);
      seen += !button.hidden;
    }
    setText(count, t("begin.found", {n: seen}));
  }

  fill(list, buttons.map(([, button]) => button));
  filter();
  return el("div", {}, el("div", {class: "wall-tools"}, el("span", {class: "find"}, icon("search"), find), count), list);
}

const sizes = new Map();
function sizeOf(url) {
  if (!sizes.has(url)) {
    const image = new Image();
    image.src = url;
    sizes.set(url, image.decode().then(() => ({width: image.naturalWidth, height: image.naturalHeight})));
  }
  return sizes.get(url);
}
