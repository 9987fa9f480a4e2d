// The wall: all versions as they hang beside each other.

import {patch, post, remove, studio, versionPath} from "./api.js";
import {cards} from "./cards.js";
import {el, fill, setText} from "./element.js";
import {header} from "./header.js";
import {icon} from "./icons.js";
import {onKeys} from "./keys.js";
import {attempt, say} from "./notices.js";
import {beginAddress, compareAddress, easelAddress, go} from "./routes.js";
import {t} from "./text.js";
import {wallCard} from "./wall_card.js";

const SORTS = {
  newest: (a, b) => (a.made < b.made ? 1 : a.made > b.made ? -1 : 0),
  stars: (a, b) => b.stars - a.stars,
  name: (a, b) => a.name.localeCompare(b.name, undefined, {numeric: true}),
  time: (a, b) => (a.minutes ?? Infinity) - (b.minutes ?? Infinity),
  excitation: (a, b) => (b.excitation ?? -Infinity) - (a.excitation ?? -Infinity),
};
let sort = "newest", wanted = "";

/** Sends a version to the trash, and says how it comes back. */
export async function discard(card) {
  if ((await attempt(() => remove(versionPath(card.id)).then(() => true))) === undefined) return;
  say(t("deleted", {name: card.name}), {action: {words: t("undo"), act: () => attempt(async () => cards.put(await post(versionPath(card.id, "restore"))))}});
}

/** A new version that begins as another one is, and its easel. */
export async function branch(card) {
  const made = await attempt(() => post("/api/versions", {from: {version: card.id}, draw: false}));
  if (made) go(easelAddress(made.id));
}

export async function openWall(place) {
  const shown = new Map();
  let first = null;
  const list = el("ul", {class: "hang", "aria-label": t("wall.versions")});
  const count = el("span", {class: "soft count", role: "status"});
  const find = el("input", {type: "search", "aria-label": t("wall.find"), placeholder: t("wall.find"), value: wanted, oninput: () => {
    wanted = find.value;
    arrange();
  }});
  const order = el("select", {"aria-label": t("wall.sort"), value: sort, onchange: () => {
    sort = order.value;
    arrange();
  }}, Object.keys(SORTS).map((key) => el("option", {value: key}, t(`wall.sort.${key}`))));
  const empty = el("div", {class: "wall-empty", hidden: true},
    el("h2", {}, t("wall.empty")), el("p", {class: "soft"}, t("wall.empty.lead")),
    el("a", {class: "button primary", href: beginAddress}, t("begin")));
  const nothing = el("p", {class: "soft wall-nothing", hidden: true}, t("wall.nothing"));
  const comparing = el("div", {class: "float-bar", hidden: true, role: "status"});
  const folder = el("p", {class: "soft"});

  const acts = {
    branch, discard,
    compare(card) {
      first = card;
      list.classList.add("choosing");
      comparing.hidden = false;
      fill(comparing, t("compare.with", {name: card.name}), el("button", {type: "button", class: "text-button", onclick: cancel}, t("cancel")));
    },
    /** The card was chosen to be opened, or as the other one of a comparison. */
    open(card) {
      go(first && first.id !== card.id ? compareAddress(first.id, card.id) : easelAddress(card.id));
    },
    stopSweep: (card) => attempt(() => post(`/api/sweeps/${encodeURIComponent(card.id.split("/")[0])}/stop`)),
    annotate: (card, changes) => attempt(async () => cards.put(await patch(versionPath(card.id), changes))),
  };

  function cancel() {
    first = null;
    comparing.hidden = true;
    list.classList.remove("choosing");
  }

  function put(card) {
    if (shown.has(card.id)) shown.get(card.id).show(card);
    else shown.set(card.id, wallCard(card, acts));
  }

  const matches = (card) => wanted.toLowerCase().split(/\s+/).every((word) =>
    `${card.name} ${card.id} ${card.note} ${card.pens.map((pen) => pen.name).join(" ")}`.toLowerCase().includes(word));

  function arrange() {
    const all = cards.all, seen = all.filter(matches).sort(SORTS[sort]);
    for (const card of seen) if (!shown.has(card.id)) put(card);
    const elements = seen.map((card) => shown.get(card.id));
    // What has the focus keeps it: only what is out of place is moved.
    [...list.children].forEach((child) => elements.includes(child) || child.remove());
    elements.forEach((element, i) => list.children[i] === element || list.insertBefore(element, list.children[i] ?? null));
    empty.hidden = all.length > 0;
    nothing.hidden = !all.length || seen.length > 0;
    tools.hidden = !all.length;
    setText(count, seen.length === all.length ? t("wall.count", {n: all.length}) : t("wall.found", {n: seen.length, all: all.length}));
  }

  const tools = el("div", {class: "wall-tools"},
    el("span", {class: "find"}, icon("search"), find), order, count);
  fill(place,
    el("div", {class: "wall"},
      header({home: false, left: el("h1", {class: "wordmark"}, t("title")), right: el("a", {class: "button primary", href: beginAddress}, icon("plus"), t("begin"))}),
      el("main", {}, el("div", {class: "wall-head"}, folder, tools), list, empty, nothing),
      comparing));
  const ends = [
    cards.on("all", () => {
      for (const id of shown.keys()) if (!cards.find(id)) shown.delete(id);
      cards.all.forEach(put);
      arrange();
    }),
    cards.on("card", (card) => {
      const isNew = !shown.has(card.id);
      put(card);
      if (isNew || sort !== "newest") arrange();
    }),
    cards.on("gone", (id) => {
      shown.delete(id);
      arrange();
    }),
    onKeys({"/": () => find.focus(), n: () => go(beginAddress), Escape: cancel}),
  ];
  await cards.load();
  const about = await attempt(studio);
  if (about) setText(folder, t("wall.folder", {folder: about.folder}));
  return () => ends.forEach((end) => end());
}
