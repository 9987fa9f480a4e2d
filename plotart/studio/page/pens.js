// The pens of a version: their order, colours and nibs; others out of the catalogue; a set of one's own.

import {catalogue, forgetCatalogue, post} from "./api.js";
import {openDialog} from "./dialog.js";
import {debounced, el, fill} from "./element.js";
import {icon} from "./icons.js";
import {attempt, say} from "./notices.js";
import {penStroke, setSelect, shortName} from "./pen_list.js";
import {t} from "./text.js";
import {hexOf} from "./widgets.js";

const QUIET_MS = 250;
/** Keys of a pen that are worth to be written down when they are not as usual. */
const USUAL = {ink: "transparent", opacity: 1, reflectance: null, transmittance: null, maker: "", code: "", speed: null, height: null, delay: null, pause: true, max_distance: null, offset: null, well: null};

export function pensPanel(version) {
  const list = el("ol", {class: "pen-rows", "aria-label": t("pens.order")});
  const panel = el("div", {class: "panel-body"}, list,
    el("div", {class: "row"},
      el("button", {type: "button", class: "button", onclick: () => choosePen(t("pens.add"), (pen) => put([...pens(), uniquely(pen)]))}, icon("plus"), t("pens.add")),
      el("button", {type: "button", class: "text-button", onclick: saveSet}, t("pens.save"))),
    el("p", {class: "soft"}, t("pens.help")));
  let shown = "";

  /** Pens as they are, whether the config names a set or lists them. */
  const pens = () => {
    const found = version.resolved.pens;
    return (Array.isArray(found) ? found : found?.pens ?? []).map(plain);
  };

  /** Whether the config has them as a list, so that one of them can be changed by its number. */
  const listed = () => Array.isArray(version.document.config.pens);

  const put = (all) => attempt(() => version.change([["pens", all]]));
  const putOne = (at, key, value) => (listed()
    ? attempt(() => version.change([[`pens.${at}.${key}`, value]]))
    : put(pens().map((pen, i) => (i === at ? {...pen, [key]: value} : pen))));

  function uniquely(pen) {
    const names = pens().map((one) => one.name);
    let {name} = pen, n = 1;
    while (names.includes(name)) name = `${pen.name} ${++n}`;
    return {...pen, name};
  }

  function move(from, to, byKey = true) {
    const all = pens();
    if (to < 0 || to >= all.length || from === to) return;
    const [pen] = all.splice(from, 1);
    all.splice(to, 0, pen);
    put(all).then(() => byKey && list.children[to]?.querySelector(`[data-move=${to < from ? "up" : "down"}]`)?.focus());
  }

  function row(pen, i, count) {
    let wanted = null;
    const recolor = debounced(() => putOne(i, "color", wanted), QUIET_MS);
    const color = el("input", {type: "color", class: "color", value: hexOf(pen.color) ?? "#000000", "aria-label": t("pens.color", {name: pen.name}), oninput: () => {
      wanted = color.value;
      recolor();
    }});
    const name = el("input", {type: "text", class: "pen-name-field", value: pen.name, title: pen.name, "aria-label": t("pens.name"), maxlength: "80", onchange: () => name.value.trim() && putOne(i, "name", name.value.trim())});
    const width = el("input", {type: "number", min: "0.05", max: "50", step: "0.05", value: Number.parseFloat(pen.width), class: "nib-field", "aria-label": t("pens.nib", {name: pen.name}), onchange: () => Number(width.value) > 0 && putOne(i, "width", Number(width.value))});
    const ink = el("select", {"aria-label": t("pens.ink", {name: pen.name}), value: pen.ink ?? "transparent", onchange: () => putOne(i, "ink", ink.value)},
      ["transparent", "opaque"].map((kind) => el("option", {value: kind}, t(`pens.ink.${kind}`))));
    const item = el("li", {class: "pen-row", draggable: "false", data: {pen: i}},
      el("span", {class: "drag", title: t("pens.drag"), onpointerdown: (event) => drag(event, item, i)}, icon("drag")),
      color, name,
      el("span", {class: "pen-tools"},
        el("button", {type: "button", class: "icon-button small", data: {move: "up"}, disabled: i === 0, "aria-label": t("pens.up", {name: pen.name}), title: t("pens.up", {name: pen.name}), onclick: () => move(i, i - 1)}, icon("up")),
        el("button", {type: "button", class: "icon-button small", data: {move: "down"}, disabled: i === count - 1, "aria-label": t("pens.down", {name: pen.name}), title: t("pens.down", {name: pen.name}), onclick: () => move(i, i + 1)}, icon("down")),
        el("button", {type: "button", class: "icon-button small", disabled: count === 1, "aria-label": t("remove", {name: pen.name}), title: t("remove", {name: pen.name}), onclick: () => put(pens().filter((_, k) => k !== i))}, icon("trash"))),
      el("span", {class: "pen-more"}, el("span", {class: "number"}, width, el("span", {class: "unit"}, "mm")), ink,
        el("button", {type: "button", class: "text-button", onclick: () => choosePen(t("pens.swap", {name: pen.name}), (other) => put(pens().map((one, k) => (k === i ? keepName(other, k) : one))))}, t("pens.another"))));
    return item;
  }

  const keepName = (pen, at) => (pens().some((one, k) => k !== at && one.name === pen.name) ? uniquely(pen) : pen);

  /** Rows go where the pointer is; at its end the pens are put in the order that is seen. */
  function drag(event, item, from) {
    if (event.button !== 0) return;
    event.preventDefault();
    item.classList.add("dragged");
    const follow = (moved) => {
      if (moved.pointerId !== event.pointerId) return;
      const others = [...list.children].filter((one) => one !== item);
      const next = others.find((one) => {
        const {top, height} = one.getBoundingClientRect();
        return moved.clientY < top + height / 2;
      });
      if (next !== (item.nextElementSibling ?? undefined)) list.insertBefore(item, next ?? null);
    };
    // Not captured by the row: one that is moved in the list loses its pointer.
    const letGo = new AbortController(), {signal} = letGo;
    const drop = (ended) => {
      if (ended.pointerId !== event.pointerId) return;
      letGo.abort();
      item.classList.remove("dragged");
      const to = [...list.children].indexOf(item);
      shown = "";
      if (to !== from) move(from, to, false);
      else panel.show();
    };
    addEventListener("pointermove", follow, {signal});
    addEventListener("pointerup", drop, {signal});
    addEventListener("pointercancel", drop, {signal});
  }

  async function choosePen(title, take) {
    const shop = await attempt(catalogue);
    if (!shop) return;
    let set = shop.sets.find((one) => one.pens.some((pen) => pen.name === pens()[0]?.name)) ?? shop.sets[0];
    const place = el("ul", {class: "pen-switches"});
    const show = () => fill(place, set.pens.map((pen) => el("li", {}, el("button", {type: "button", class: "pen-switch", onclick: () => {
      dialog.close();
      take(plain(pen));
    }}, penStroke(pen), el("span", {}, shortName(pen.name, set))))));
    const dialog = openDialog(title, setSelect(shop.sets, set.name, (name) => {
      set = shop.sets.find((one) => one.name === name);
      show();
    }), place);
    show();
  }

  function saveSet() {
    const name = el("input", {type: "text", required: true, maxlength: "60", pattern: "[\\w \\-]+", "aria-label": t("pens.set-name"), placeholder: t("pens.set-name")});
    const dialog = openDialog(t("pens.save"), el("p", {class: "soft"}, t("pens.save.lead")),
      el("form", {onsubmit: async (event) => {
        event.preventDefault();
        await saveAs(name.value.trim(), pens());
        dialog.close();
      }}, name, el("div", {class: "dialog-foot"}, el("button", {type: "submit", class: "button primary"}, t("save")))));
  }

  panel.show = () => {
    const all = pens(), now = JSON.stringify(all);
    if (now === shown) return;
    const focused = document.activeElement, at = list.contains(focused) && [...list.children].indexOf(focused.closest("li"));
    const label = focused?.getAttribute?.("aria-label");
    // A colour that is being chosen stays open.
    if (at !== false && focused.type === "color" && all.length === list.children.length) return;
    shown = now;
    fill(list, all.map((pen, i) => row(pen, i, all.length)));
    if (at !== false && label) [...list.querySelectorAll("[aria-label]")].find((one) => one.getAttribute("aria-label") === label)?.focus({preventScroll: true});
  };
  return panel;
}

/** A pen with what is not as usual. */
function plain(pen) {
  return Object.fromEntries(Object.entries(pen).filter(([key, value]) => !(key in USUAL) || JSON.stringify(value) !== JSON.stringify(USUAL[key])));
}

/** Saves pens, or what the server has measured (`path`), as a set of one's own; asks before another one is lost. */
export async function saveAs(name, pens, path = "/api/sets") {
  const save = (more) => post(path, {name, ...(pens && {pens}), ...more});
  try {
    await save({});
  } catch (error) {
    if (error.status === 0) throw error;
    say(error.message, {error: true, action: error.status === 409 || /exist|overwrite/i.test(error.message)
      ? {words: t("replace"), act: () => attempt(() => save({overwrite: true}).then(() => say(t("pens.saved", {name}))))} : null});
    return;
  }
  forgetCatalogue();
  say(t("pens.saved", {name}));
}
