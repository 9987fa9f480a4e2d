// Many drawings out of one: one key or two of its config take several values, every combination is a version.

import {post} from "./api.js";
import {openDialog} from "./dialog.js";
import {el, fill} from "./element.js";
import {icon} from "./icons.js";
import {sayError} from "./notices.js";
import {go, wallAddress} from "./routes.js";
import {valueAt} from "./schema.js";
import {t} from "./text.js";

const MOST_AXES = 3;

export function sweepDialog(version, schema) {
  const keys = [...new Set(["seed", ...leaves(version.resolved)])];
  const rows = [], list = el("div", {class: "axes"}), datalist = el("datalist", {id: "sweep-keys"}, keys.map((key) => el("option", {value: key})));
  const now = el("p", {class: "soft"}), error = el("p", {class: "field-error", role: "alert"});
  const adder = el("button", {type: "button", class: "text-button", onclick: () => add("", "")}, icon("plus"), t("sweep.another"));

  function add(key, values) {
    const row = {
      key: el("input", {type: "text", list: "sweep-keys", value: key, required: true, "aria-label": t("sweep.key"), placeholder: t("sweep.key"), oninput: tell}),
      values: el("input", {type: "text", value: values, required: true, "aria-label": t("sweep.values"), placeholder: t("sweep.values.such")}),
    };
    rows.push(row);
    list.append(el("div", {class: "row axis"}, row.key, row.values));
    adder.hidden = rows.length >= MOST_AXES;
    tell();
  }

  function tell() {
    const words = rows.map(({key}) => key.value).filter((key) => keys.includes(key)).map((key) => {
      const value = valueAt(version.resolved, key), about = schema.at(key, version.resolved);
      return t("sweep.now", {key, value: JSON.stringify(value), about: about?.description ?? ""});
    });
    fill(now, words.join(" "));
  }

  const dialog = openDialog(t("sweep"), el("p", {class: "soft"}, t("sweep.lead")), el("form", {onsubmit: async (event) => {
    event.preventDefault();
    error.textContent = "";
    const axes = rows.filter(({key}) => key.value.trim()).map(({key, values}) => `${key.value.trim()}=${values.value.trim()}`);
    try {
      await post("/api/sweeps", {version: version.id, axes});
      dialog.close();
      go(wallAddress);
    } catch (fault) {
      if (fault.status === 400) error.textContent = fault.message;
      else sayError(fault);
    }
  }}, list, datalist, adder, now, error, el("div", {class: "dialog-foot"}, el("button", {type: "submit", class: "button primary"}, icon("go"), t("sweep.draw")))));
  add("seed", "0..7");
}

/** The dotted keys of all numbers, words and switches. */
function leaves(data, key = "") {
  return Object.entries(data).flatMap(([name, value]) => {
    const at = key ? `${key}.${name}` : name;
    if (value !== null && typeof value === "object") return leaves(value, at);
    return value === null ? [] : [at];
  });
}
