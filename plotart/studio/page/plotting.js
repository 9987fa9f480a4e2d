// Plotting: pen after pen, with what to do before each of them, its progress and a pause.

import {get, post, studio, versionPath} from "./api.js";
import {el, fill, restyle} from "./element.js";
import {icon} from "./icons.js";
import {live} from "./live.js";
import {attempt} from "./notices.js";
import {duration, maybe, t} from "./text.js";

/** The part of the panel; `load()` asks where it stands, `end()` lets go of its messages. */
export function plotting(version) {
  const body = el("div", {class: "plotting"}), told = el("p", {class: "visually-hidden", role: "status"});
  const part = el("section", {hidden: true}, el("h3", {}, t("plot")), body, told);
  const path = (...below) => versionPath(version.id, "plot", ...below);
  let drivers = [], shape = "";

  const begin = (more = {}) => attempt(async () => show(await post(path(), more)));
  const answer = (word) => attempt(async () => show(await post(path("answer"), {answer: word})));
  const button = (words, act, primary = false, picture = null) => el("button", {type: "button", class: primary ? "button primary" : "button", onclick: act}, picture && icon(picture), words);

  /** What is to be done next: an answer before a pen, a pause while it moves, or to begin. */
  function next({state, answers = [], can_pause: canPause, pens}) {
    if (answers.length) return answers.map((word, i) => button(maybe("plot.answer", word), () => answer(word), i === 0));
    if (state === "plots") return canPause ? [button(t("plot.pause"), () => attempt(async () => show(await post(path("pause")))), false, "pause")] : [];
    if (state === "asks" || state === "paused") return [];
    if (!drivers.length) return [el("p", {class: "soft"}, t("plot.no-driver"))];
    const begun = pens.some((pen) => pen.status !== "waiting"), over = pens.length > 0 && pens.every((pen) => ["done", "skipped"].includes(pen.status));
    const driver = el("select", {"aria-label": t("plot.driver")}, drivers.map((name) => el("option", {value: name}, name)));
    return [
      drivers.length > 1 && driver,
      !over && button(t(begun ? "plot.go-on" : "plot.begin"), () => begin({driver: driver.value}), true, "pin"),
      begun && button(t("plot.restart"), () => begin({driver: driver.value, restart: true})),
    ];
  }

  function show(where) {
    if (!where) return;
    const {state, message, pens = [], pen, instructions = [], progress, seconds_left: left} = where, moves = ["asks", "plots", "paused"].includes(state);
    const line = el("div", {class: "transport-line inline", role: "progressbar", "aria-label": t("plot.progress"), "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": Math.round(100 * (progress ?? 0))});
    restyle(line, {"--share": progress ?? 0});
    const buttons = el("div", {class: "row"}, next(where)), now = JSON.stringify([state, where.answers, pen?.name, where.can_pause, drivers]);
    const keeps = now === shape && body.contains(document.activeElement);
    shape = now;
    if (told.textContent !== message) told.textContent = message;
    if (keeps) {
      // What has the focus stays: only the progress has changed.
      body.querySelector(".transport-line")?.replaceWith(line);
      return;
    }
    fill(body,
      moves && pen && el("p", {class: "plot-pen"}, el("i", {class: "dot", style: {background: pen.color}}), el("strong", {}, pen.name)),
      message && el("p", {class: "soft"}, message),
      instructions.length > 0 && el("ol", {class: "instructions"}, instructions.map((words) => el("li", {}, words))),
      moves && line, moves && left > 0 && el("p", {class: "soft"}, t("time.left", {time: duration(left)})),
      buttons,
      moves && el("ul", {class: "plot-pens"}, pens.map((one) => el("li", {data: {status: one.status}}, el("i", {class: "dot", style: {background: one.color}}), one.name, el("span", {class: "soft"}, maybe("plot.status", one.status))))));
  }

  part.load = async () => {
    const about = await attempt(studio);
    drivers = about?.drivers ?? [];
    show(await attempt(() => get(path())));
  };
  part.end = live.on("plot", (message) => message.id === version.id && show(message));
  return part;
}
