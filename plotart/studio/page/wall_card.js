// A version on the wall: its picture, how it stands, what people say of it.

import {el, restyle, setText} from "./element.js";
import {menu} from "./menu.js";
import {easelAddress} from "./routes.js";
import {starSlider} from "./stars.js";
import {isUnderWay, stateWords} from "./states.js";
import {t} from "./text.js";

/** A list item whose `show(card)` brings it up to date. `acts` are those of the wall. */
export function wallCard(card, acts) {
  const picture = el("img", {alt: "", loading: "lazy", decoding: "async", draggable: "false", onload: () => restyle(picture, {"--aspect": picture.naturalWidth / picture.naturalHeight})});
  const blank = el("span", {class: "blank"});
  const name = el("span", {class: "card-name"}), state = el("span", {class: "card-state"});
  const progress = el("span", {class: "card-progress", hidden: true});
  const message = el("p", {class: "card-message", hidden: true});
  const link = el("a", {class: "hung", href: easelAddress(card.id), onclick: (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    acts.open(card);
  }}, el("span", {class: "frame"}, picture, blank, progress), name);
  const pens = el("span", {class: "card-pens", "aria-hidden": "true"});
  const stars = starSlider(card.stars, (n) => acts.annotate(card, {stars: n}));
  const note = el("textarea", {class: "card-note", rows: "1", maxlength: "10000", "aria-label": t("note"), placeholder: t("note"), onchange: () => acts.annotate(card, {note: note.value})});
  const more = menu(t("card.more", {name: card.name}), () => [
    {words: t("card.branch"), icon: "branch", act: () => acts.branch(card)},
    {words: t("card.compare"), icon: "compare", act: () => acts.compare(card)},
    ...(card.id.includes("/") && ["waiting", "drawing"].includes(card.state) ? [{words: t("sweep.stop"), icon: "stop", act: () => acts.stopSweep(card)}] : []),
    {words: t("card.delete"), icon: "trash", danger: true, act: () => acts.discard(card)},
  ]);
  const item = el("li", {class: "card"}, link,
    el("div", {class: "card-line"}, state, pens), message,
    el("div", {class: "card-line"}, stars, more), note);
  let source = "";

  item.show = (now) => {
    card = now;
    setText(name, card.name);
    setText(state, stateWords(card));
    item.dataset.state = card.state;
    item.dataset.id = card.id;
    const address = card.picture ? `${card.picture}${card.picture.includes("?") ? "&" : "?"}size=480` : "";
    if (address !== source) {
      source = address;
      if (address) picture.src = address;
    }
    picture.hidden = !card.picture;
    blank.hidden = Boolean(card.picture);
    progress.hidden = !isUnderWay(card.state);
    restyle(progress, {"--share": card.total ? card.step / card.total : 0});
    message.hidden = !(card.state === "failed" && card.message);
    setText(message, card.message);
    pens.replaceChildren(...card.pens.slice(0, 10).map((pen) => el("i", {style: {background: pen.color}})));
    stars.show(card.stars);
    if (document.activeElement !== note) note.value = card.note;
    return item;
  };
  return item.show(card);
}
