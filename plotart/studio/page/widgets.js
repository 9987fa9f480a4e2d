// Controls for values, by what the schema says of them. Each is {element, show(value)}; `change(value)` is called with
// what was set, undefined for what was taken out.

import {pictureButton} from "./drops.js";
import {el} from "./element.js";
import {t} from "./text.js";
import {wordsOf} from "./schema.js";

const MOST_FOR_RANGE = 1000;
let count = 0;

/** The control for one kind of value. `usual` is what holds while nothing is set. */
export function widget(schema, variant, {label, usual, change, id = `field-${++count}`}) {
  const about = {label, usual, change, id};
  if (variant.enum) return choice(variant, about);
  if (variant.const !== undefined) return fixed(variant, about);
  const types = [variant.type].flat();
  if (types.includes("boolean")) return toggle(about);
  if (variant.format === "length") return length(about);
  if (types.includes("number") || types.includes("integer")) return number(variant, about);
  if (types.includes("array") && variant.prefixItems) return several(schema, variant, about);
  if (types.includes("array")) return words(schema, variant, about);
  if (variant.format === "color") return color(about);
  if (variant.format === "path") return path(about);
  return text(about);
}

/** The control for a value of several kinds: names and kinds to choose from, and the control of the kind. */
export function mixedWidget(schema, variants, {label, usual, change}) {
  // Names stand beside the kinds, so that a sheet is a5, or "numbers" of one's own.
  const entries = variants.flatMap((variant, kind) => {
    if (variant.enum) return variant.enum.map((value) => ({words: wordsOf(String(value)), kind, value}));
    if (variant.const !== undefined) return [{words: wordsOf(String(variant.const)), kind, value: variant.const}];
    return [{words: variantName(variant) ?? t("form.kind", {n: kind + 1}), kind}];
  });
  const place = el("span", {class: "mixed-value"});
  const pick = el("select", {"aria-label": label, onchange: () => {
    const entry = entries[Number(pick.value)];
    use(entry);
    if (entry.value !== undefined) change(entry.value);
    else inner.show(variants[entry.kind].prefixItems && Array.isArray(usual) ? usual : undefined);
  }}, entries.map(({words}, i) => el("option", {value: i}, words)));
  let inner = null, at = -1;

  function use(entry) {
    pick.value = entries.indexOf(entry);
    if (entry.value !== undefined) {
      at = -1;
      inner = null;
      place.replaceChildren();
    } else if (entry.kind !== at) {
      at = entry.kind;
      const variant = variants[at];
      inner = widget(schema, variant, {label, usual: schema.fits(variant, usual) ? usual : undefined, change});
      place.replaceChildren(inner.element);
    }
  }

  function show(value) {
    const shown = value ?? usual, kind = variants.findIndex((variant) => schema.fits(variant, shown));
    use(entries.find((entry) => entry.value !== undefined && entry.value === shown) ?? entries.find((entry) => entry.kind === kind && entry.value === undefined)
      ?? entries.find((entry) => entry.value === undefined) ?? entries[0]);
    inner?.show(value);
  }
  show(undefined);
  return {element: el("span", {class: "mixed"}, pick, place), show};
}

function variantName(variant) {
  if (variant.prefixItems) return t("form.numbers", {n: variant.prefixItems.length});
  if ([variant.type].flat().includes("array")) return t("form.list");
  if (variant.format === "path") return t("form.file");
  if (["number", "integer"].some((type) => [variant.type].flat().includes(type))) return t("form.number");
  if ([variant.type].flat().includes("string")) return t("form.words");
  return null;
}

function choice({enum: values}, {label, usual, change, id}) {
  const select = el("select", {id, "aria-label": label, onchange: () => change(select.value === "" ? undefined : values[Number(select.value)])},
    !values.includes(usual) && el("option", {value: ""}, "–"), values.map((value, i) => el("option", {value: i}, wordsOf(String(value)))));
  return {element: select, show: (value) => {
    const at = values.indexOf(value ?? usual);
    select.value = at < 0 ? "" : at;
  }};
}

function fixed({const: value}, {label, change, id}) {
  const box = el("input", {type: "checkbox", id, "aria-label": label, onchange: () => change(box.checked ? value : undefined)});
  return {element: box, show: (now) => (box.checked = now === value)};
}

function toggle({label, usual, change, id}) {
  const box = el("input", {type: "checkbox", role: "switch", id, class: "switch", "aria-label": label, onchange: () => change(box.checked)});
  return {element: box, show: (value) => (box.checked = Boolean(value ?? usual))};
}

function number({minimum, exclusiveMinimum, maximum, exclusiveMaximum, type, unit}, {label, usual, change, id}) {
  const least = minimum ?? exclusiveMinimum, most = maximum ?? exclusiveMaximum, whole = [type].flat().every((one) => one === "integer");
  const span = most - least, ranged = Number.isFinite(span) && span <= MOST_FOR_RANGE;
  const step = whole ? 1 : ranged ? nice(span / 100) : "any";
  const read = (value) => (value === "" ? undefined : whole ? Math.round(Number(value)) : Number(value));
  const field = el("input", {type: "number", id, "aria-label": label, step: "any", inputmode: whole ? "numeric" : "decimal", placeholder: placeholderOf(usual), onchange: () => {
    if (range && field.value !== "") range.value = field.value;
    change(read(field.value));
  }});
  const range = ranged ? el("input", {type: "range", "aria-label": label, tabindex: "-1", min: least, max: most, step, oninput: () => {
    field.value = range.value;
    change(read(range.value));
  }}) : null;
  return {
    element: el("span", {class: ranged ? "number ranged" : "number"}, range, field, unit === "degrees" && el("span", {class: "unit"}, "°")),
    show(value) {
      field.value = value ?? "";
      if (range) range.value = value ?? usual ?? least;
    },
  };
}

/** A round number near a step. */
function nice(step) {
  const power = 10 ** Math.floor(Math.log10(step)), of = step / power;
  return power * (of < 1.5 ? 1 : of < 3.5 ? 2 : of < 7.5 ? 5 : 10);
}

const placeholderOf = (usual) => (usual === undefined || usual === null ? t("form.auto") : String(usual));

/** mm, or with a unit as in 1cm. */
function length({label, usual, change, id}) {
  const field = el("input", {type: "text", id, class: "length", "aria-label": t("form.in-mm", {label}), inputmode: "decimal", placeholder: placeholderOf(usual), onchange: () => {
    const given = field.value.trim();
    change(given === "" ? undefined : Number.isNaN(Number(given)) ? given : Number(given));
  }});
  return {element: el("span", {class: "number"}, field, el("span", {class: "unit"}, "mm")), show: (value) => (field.value = value ?? "")};
}

function several(schema, {prefixItems}, {label, usual, change}) {
  const values = [], inner = prefixItems.map((node, i) => widget(schema, schema.resolve(node), {
    label: t("form.part", {label, n: i + 1}), usual: usual?.[i],
    change(value) {
      values[i] = value;
      const whole = prefixItems.map((_, k) => values[k] ?? usual?.[k]);
      if (whole.every((one) => one !== undefined)) change(whole);
    },
  }));
  return {
    element: el("span", {class: "several"}, inner.map((one) => one.element)),
    show(value) {
      inner.forEach((one, i) => {
        values[i] = value?.[i];
        one.show(value?.[i]);
      });
    },
  };
}

/** A list of words or numbers, with commas between them. */
function words(schema, {items}, {label, usual, change, id}) {
  const types = [schema.resolve(items ?? {}).type].flat(), isNumber = types.includes("number") || types.includes("integer");
  const field = el("input", {type: "text", id, "aria-label": t("form.with-commas", {label}), placeholder: usual?.length ? usual.join(", ") : t("form.with-commas", {label: ""}), onchange: () => {
    const parts = field.value.split(",").map((part) => part.trim()).filter(Boolean);
    change(parts.length ? parts.map((part) => (isNumber ? Number(part) : part)) : undefined);
  }});
  return {element: field, show: (value) => (field.value = Array.isArray(value) ? value.join(", ") : value ?? "")};
}

function color({label, usual, change, id}) {
  const field = el("input", {type: "color", id, class: "color", "aria-label": label, onchange: () => change(field.value)});
  return {element: field, show: (value) => (field.value = hexOf(value ?? usual) ?? "#000000")};
}

/** A colour as a colour field takes it: #abc is #aabbcc, names are drawn to be read. */
export function hexOf(color) {
  if (typeof color !== "string") return null;
  if (/^#[0-9a-f]{6}$/i.test(color)) return color.toLowerCase();
  const context = document.createElement("canvas").getContext("2d");
  context.fillStyle = color;
  return /^#/.test(context.fillStyle) ? context.fillStyle : null;
}

function text({label, usual, change, id}) {
  const field = el("input", {type: "text", id, "aria-label": label, placeholder: usual ? String(usual) : "", onchange: () => change(field.value === "" ? undefined : field.value)});
  return {element: field, show: (value) => (field.value = typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value))};
}

/** A file of the studio's folder; pictures can be added on the spot. */
function path({label, change, id}) {
  const field = el("input", {type: "text", id, "aria-label": label, onchange: () => change(field.value || undefined)});
  return {
    element: el("span", {class: "path"}, field, pictureButton(t("picture.add"), ({name}) => {
      field.value = `pictures/${name}`;
      change(field.value);
    }, {class: "button small"})),
    show: (value) => (field.value = value ?? ""),
  };
}
