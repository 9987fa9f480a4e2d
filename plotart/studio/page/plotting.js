// Plotting: pen after pen, with a word for each change, its progress and a pause.

import {get, post, studio, versionPath} from "./api.js";
import {el, fill, restyle} from "./element.js";
import {icon} from "./icons.js";
import {live} from "./live.js";
import {attempt} from "./notices.js";
import {duration, t} from "./text.js";

const ANSWERS = ["plot", "skip", "stop", "home"];

/** The part of the panel; `load()` asks where it stands, `end()` lets go of its messages. */
export function plotting(version) {
  const body = el("div", {class: "plotting", "aria-live": "polite"});
  const part = el("section", {hidden: true}, el("h3", {}, t("plot")), body);
  const path = (...below) => versionPath(version.id, "plot", ...below);
  let drivers = [];

  const begin = (more = {}) => attempt(async () => show(await post(path(), more)));
  const answer = (word) => attempt(() => post(path("answer"), {answer: word}));

  function idle(words = "") {
    const driver = el("select", {"aria-label": t("plot.driver")}, drivers.map((name) => el("option", {value: name}, name)));
    fill(body, words && el("p", {class: "soft"}, words), drivers.length
      ? el("div", {class: "row"}, drivers.length > 1 && driver, el("button", {type: "button", class: "button primary", onclick: () => begin({driver: driver.value})}, icon("pin"), t("plot.begin")))
      : el("p", {class: "soft"}, t("plot.no-driver")));
  }

  function show(where) {
    const {state = "idle", pen, question, message, share, seconds, answers, can_resume: resumable} = where ?? {};
    const line = el("div", {class: "transport-line inline", role: "progressbar", "aria-label": t("plot.progress"), "aria-valuenow": Math.round(100 * (share ?? 0))});
    restyle(line, {"--share": share ?? 0});
    const head = [pen && el("p", {class: "plot-pen"}, el("i", {class: "dot", style: {background: pen.color ?? "#000"}}), el("strong", {}, pen.name ?? pen)),
      message && el("p", {}, message), share !== undefined && share !== null && line, seconds > 0 && el("p", {class: "soft"}, t("time.left", {time: duration(seconds)}))];
    if (state === "asking" || question) {
      fill(body, head, el("p", {}, question ?? t("plot.change-pen")),
        el("div", {class: "row"}, (answers ?? ANSWERS.slice(0, 3)).map((word, i) => el("button", {type: "button", class: i ? "button" : "button primary", onclick: () => answer(word)}, t(`plot.answer.${word}`)))));
    } else if (["plotting", "starting", "running"].includes(state)) {
      fill(body, head, el("button", {type: "button", class: "button", onclick: () => attempt(() => post(path("pause")))}, icon("pause"), t("plot.pause")));
    } else {
      idle(message ?? (state === "done" ? t("plot.done") : ""));
      if (resumable) body.append(el("button", {type: "button", class: "text-button", onclick: () => begin({restart: true})}, t("plot.restart")));
    }
  }

  part.load = async () => {
    ({drivers} = await studio());
    show(await attempt(() => get(path())));
  };
  part.end = live.on("plot", (message) => message.id === version.id && show(message));
  return part;
}
