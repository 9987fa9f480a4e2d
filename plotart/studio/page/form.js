// Controls for all of a version's config, made from the schema.

import {catalogue} from "./api.js";
import {openDialog} from "./dialog.js";
import {debounced, el, fill, setText} from "./element.js";
import {icon} from "./icons.js";
import {menu} from "./menu.js";
import {attempt, say, sayError} from "./notices.js";
import {targetList} from "./targets.js";
import {valueAt, wordsOf} from "./schema.js";
import {maybe, t} from "./text.js";
import {mixedWidget, widget} from "./widgets.js";

const QUIET_MS = 350;
/** What has a panel of its own, or is no matter of a page. */
const ELSEWHERE = new Set(["pens", "extends"]);

/** The panel; `show()` brings it to what the version is now, `end()` sends what waits. `without`: terms that are not to be had here. */
export function configForm(version, schema, without) {
  const panel = el("form", {class: "panel-body config", onsubmit: (event) => event.preventDefault(), autocomplete: "off"});
  const rows = new Map(), opened = new Set(["page", "objective"]);
  const pending = new Map();
  let shape = "";

  const send = debounced(async () => {
    const changes = [...pending];
    pending.clear();
    for (const [key] of changes) tellError(key, "");
    try {
      await version.change(changes);
    } catch (error) {
      refuse(error, changes.map(([key]) => key));
    }
  }, QUIET_MS);

  /** `value` undefined takes the key out. */
  function set(key, value) {
    pending.set(key, value === undefined ? null : value);
    send();
  }

  /** Now, for what changes which controls there are. */
  function setNow(key, value) {
    set(key, value);
    send.now();
  }

  /** Shows what the server says beside the control that it speaks of. */
  function refuse(error, keys) {
    const left = [];
    for (const line of error.message.split("\n")) {
      const [, key, words] = line.match(/^\s*(?:[^:\s]*: )?([a-z_]+(?:\.\w+)*): (.+)$/i) ?? [];
      const place = key && [...rows.keys()].filter((one) => one === key || key.startsWith(`${one}.`)).sort((a, b) => b.length - a.length)[0];
      if (place) tellError(place, words);
      else left.push(line);
    }
    if (!left.length) return;
    const alone = keys.length === 1 && rows.has(keys[0]);
    if (alone) tellError(keys[0], left.join(" "));
    else sayError(new Error(left.join(" ")));
  }

  function tellError(key, words) {
    const row = rows.get(key);
    if (!row) return;
    setText(row.error, words);
    row.error.hidden = !words;
    row.element.classList.toggle("wrong", Boolean(words));
  }

  const isSet = (key) => valueAt(version.document.config, key) !== undefined;

  function row(key, name, node, effect, {label = wordsOf(name)} = {}) {
    const variants = schema.variants(node), own = schema.resolve(node), usual = valueAt(version.resolved, key) ?? own.default;
    const about = {label, usual: isSet(key) ? own.default : usual, change: (value) => set(key, value)};
    const control = variants.length > 1 ? mixedWidget(schema, variants, about) : widget(schema, variants[0], about);
    const error = el("p", {class: "field-error", role: "alert", hidden: true});
    const reset = el("button", {type: "button", class: "icon-button small reset", "aria-label": t("form.reset", {label}), title: t("form.reset", {label}), onclick: () => setNow(key, undefined)}, icon("close"));
    const description = own.description ?? "";
    const element = el("div", {class: "field", data: {key}}, el("div", {class: "field-line"}, el("span", {class: "field-label"}, label), control.element, reset),
      (description || effect) && el("p", {class: "field-help"}, description, " ", effect && effectWords(effect)), error);
    rows.set(key, {element, error, show() {
      element.classList.toggle("set", isSet(key));
      if (!element.contains(document.activeElement) || document.activeElement.type === "checkbox") control.show(isSet(key) ? valueAt(version.resolved, key) : undefined);
    }});
    return element;
  }

  const effectWords = (effect) => el("span", {class: "effect", data: {effect}}, t(`effect.${effect}`));

  /** What stands at a key: a control, a group of them, or a list of groups. */
  function part(key, name, node, effect) {
    const own = schema.resolve(node), mine = own["x-effect"] ?? effect, variants = schema.variants(node);
    const objects = variants.filter((one) => one.properties), lists = variants.filter((one) => isListOfGroups(one));
    if (lists.length) return group(key, name, own, mine, listOf(key, lists[0], mine));
    if (objects.length) {
      const value = valueAt(version.resolved, key);
      if (schema.isNullable(node) && (value === null || value === undefined)) {
        return el("div", {class: "field", data: {key}}, el("div", {class: "field-line"}, el("span", {class: "field-label"}, wordsOf(name)),
          el("button", {type: "button", class: "button small", onclick: () => add(key, objects[0], (item) => setNow(key, item))}, icon("plus"), t("add"))),
        el("p", {class: "field-help"}, own.description ?? "", " ", mine && effectWords(mine)));
      }
      const remove = schema.isNullable(node) && iconBin(t("remove", {name: wordsOf(name)}), () => setNow(key, undefined));
      return group(key, name, own, mine, fields(key, objects[0], mine), remove);
    }
    return row(key, name, node, mine);
  }

  const isListOfGroups = (variant) => {
    if (![variant.type].flat().includes("array") || !variant.items) return false;
    return Boolean(schema.kinds(variant) || schema.resolve(variant.items).properties);
  };

  function group(key, name, own, effect, children, extra = null) {
    const depth = key.split(".").length;
    if (depth > 1) return el("fieldset", {class: "group"}, el("legend", {}, wordsOf(name), extra), children);
    return details(key, wordsOf(name), el("p", {class: "field-help section-help"}, own.description ?? ""), children, extra);
  }

  function details(key, title, ...children) {
    const element = el("details", {class: "section", open: opened.has(key), ontoggle: () => (element.open ? opened.add(key) : opened.delete(key))},
      el("summary", {}, title), children);
    return element;
  }

  /** What is set, and the rest behind "more". */
  function fields(key, node, effect) {
    const entries = Object.entries(node.properties).filter(([, one]) => one.const === undefined);
    const at = (name) => (key ? `${key}.${name}` : name), made = ([name, one]) => part(at(name), name, one, effect);
    const first = entries.filter(([name]) => isSet(at(name)) || node.required?.includes(name)), rest = entries.filter((entry) => !first.includes(entry));
    const more = `${key}.…`;
    return [first.map(made), rest.length > 0 && el("details", {class: "more", open: opened.has(more), ontoggle: (event) => (event.target.open ? opened.add(more) : opened.delete(more))},
      el("summary", {}, first.length ? t("form.more", {n: rest.length}) : t("form.all", {n: rest.length})), rest.map(made))];
  }

  function listOf(key, variant, effect) {
    const items = valueAt(version.resolved, key), kinds = schema.kinds(variant), list = Array.isArray(items) ? items : [];
    const put = (item) => setNow(key, [...(valueAt(version.document.config, key) ?? []), item]);
    const name = wordsOf(key.split(".").pop());
    const adder = kinds
      ? menu(t("form.add-to", {name}), () => kinds.filter(([kind]) => !without.includes(kind)).map(([kind, node]) => ({words: wordsOf(kind), icon: "plus", act: () => add(key, node, put)})), {name: "plus"})
      : el("button", {type: "button", class: "button small", onclick: () => add(key, schema.resolve(variant.items), put)}, icon("plus"), t("add"));
    return [
      typeof items === "string" && el("p", {class: "soft"}, t("form.is", {value: items})),
      list.map((item, i) => {
        const node = schema.itemOf(variant, item), at = `${key}.${i}`;
        if (!node) return null;
        const title = [wordsOf(item.type ?? name), item.class ?? item.channel ?? item.file?.split("/").pop() ?? item.text ?? item.prompt].filter((word) => word !== undefined && word !== null).join(" · ");
        return el("fieldset", {class: "group item", data: {item: at}},
          el("legend", {}, el("span", {}, title),
            item.type === "excitation" && el("button", {type: "button", class: "text-button", onclick: () => chooseTarget((term) => setNow(at, {...ownOf(item, at), ...term}))}, t("form.choose-target")),
            iconBin(t("remove", {name: title}), () => setNow(at, undefined))),
          node.description && el("p", {class: "field-help"}, node.description), fields(at, node, effect));
      }),
      el("div", {class: "adder"}, adder, kinds && el("span", {class: "soft"}, t("form.add-to", {name}))),
    ];
  }

  /** What is set of a term, without what it aims at. */
  function ownOf(item, key) {
    const {class: one, layer, channel, channels, direction, ...rest} = valueAt(version.document.config, key) ?? item;
    return rest;
  }

  const iconBin = (label, act) => el("button", {type: "button", class: "icon-button small", "aria-label": label, title: label, onclick: act}, icon("trash"));

  async function chooseTarget(take) {
    const shop = await attempt(catalogue);
    if (!shop) return;
    const dialog = openDialog(t("begin.targets"), targetList(shop.targets, null, (target) => {
      dialog.close();
      take(target.term);
    }));
    dialog.classList.add("wide");
  }

  /** A new group with what it can't be without. */
  function add(key, node, put) {
    if (node.properties.type?.const === "excitation") {
      chooseTarget(put);
      return;
    }
    const item = {}, asked = [];
    for (const name of node.required ?? []) {
      const one = schema.resolve(node.properties[name]), [kind] = schema.variants(one);
      if (one.const !== undefined) item[name] = one.const;
      else if (kind.enum) item[name] = kind.enum[0];
      else if ([kind.type].flat().includes("number") && kind.format !== "length") item[name] = Math.min(1, kind.maximum ?? 1) / 2;
      else asked.push([name, one]);
    }
    if (!asked.length) {
      put(item);
      return;
    }
    const ready = el("button", {type: "submit", class: "button primary", disabled: true}, t("add"));
    const dialog = openDialog(t("form.add-what", {name: wordsOf(node.properties.type?.const ?? key.split(".").pop())}),
      node.description && el("p", {class: "soft"}, node.description),
      el("form", {method: "dialog", onsubmit: () => put(item)}, asked.map(([name, one]) => {
        const {element} = widget(schema, schema.variants(one)[0], {label: wordsOf(name), usual: undefined, change(value) {
          item[name] = value;
          ready.disabled = asked.some(([each]) => item[each] === undefined);
        }});
        return el("div", {class: "field set"}, el("div", {class: "field-line"}, el("span", {class: "field-label"}, wordsOf(name)), element), el("p", {class: "field-help"}, one.description ?? ""));
      }), el("div", {class: "dialog-foot"}, ready)));
    dialog.addEventListener("input", (event) => event.target.dispatchEvent(new Event("change", {bubbles: false})));
  }

  /** Which controls there have to be. */
  const shapeOf = () => JSON.stringify([version.document.config, version.resolved], (name, value) =>
    (Array.isArray(value) ? value.map((one) => (typeof one === "object" ? one : 0)) : typeof value === "object" ? value : name === "type" || name === "class" || name === "channel" ? value : value === null ? null : 0));

  function build() {
    rows.clear();
    const {properties} = schema.root, names = Object.keys(properties).filter((name) => !ELSEWHERE.has(name));
    const isPlain = (name) => !schema.variants(properties[name]).some((one) => one.properties || isListOfGroups(one));
    const plain = names.filter(isPlain);
    fill(panel, plain.map((name) => row(name, name, properties[name], properties[name]["x-effect"])),
      el("p", {class: "soft pens-elsewhere"}, t("form.pens-elsewhere")),
      names.filter((name) => !isPlain(name)).map((name) => {
        const made = part(name, name, properties[name], properties[name]["x-effect"]);
        return made.tagName === "DETAILS" ? made : details(name, wordsOf(name), made);
      }));
  }

  panel.show = () => {
    const now = shapeOf();
    if (now !== shape) {
      const focused = document.activeElement?.closest("[data-key]")?.dataset.key, within = panel.contains(document.activeElement);
      const scroll = panel.parentElement?.scrollTop;
      shape = now;
      build();
      if (within && focused) panel.querySelector(`[data-key="${CSS.escape(focused)}"] :is(input:not([type=range]), select, button)`)?.focus({preventScroll: true});
      if (scroll !== undefined && panel.parentElement) panel.parentElement.scrollTop = scroll;
    }
    for (const one of rows.values()) one.show();
  };
  panel.end = () => send.now();
  return panel;
}

/** Says what a change did to the drawing. */
export function sayEffect({effect, message}, state) {
  if (message) say(message);
  else if (effect === "begin" && ["drawing", "paused", "waiting"].includes(state)) say(t("effect.began"));
  else if (effect !== "nothing" && state === "done") say(maybe("effect.done", effect));
}
