// Plotting: pen after pen, with what to do before each of them, its progress, and what steers it meanwhile.

import {get, post, studio} from "./api.js";
import {el, fill, restyle} from "./element.js";
import {icon} from "./icons.js";
import {live} from "./live.js";
import {attempt} from "./notices.js";
import {plotControls} from "./plot_controls.js";
import {sheetLook} from "./sheet_look.js";
import {duration, maybe, t} from "./text.js";

const MOVES = ["asks", "plots", "paused"];

/**
 * A part of a panel; `load()` asks where the plot stands, `end()` lets go of its messages.
 *
 * @param {{called: string, path: string, driver: ?function(): string}} plot by what messages name it, its path on the
 *   server, and the driver that its config wants
 * @param {?object} sheet what shows it on a sheet; null where there is none
 */
export function plotting({called, path: root, driver: wanted = () => "auto"}, sheetPlot = null) {
  const body = el("div", {class: "plotting"}), told = el("p", {class: "visually-hidden", role: "status"});
  const path = (below) => `${root}/${below}`;
  const ask = (control, value) => attempt(async () => show(await post(path("control"), {control, value})));
  const controls = plotControls(ask, sheetPlot?.pickLine), look = sheetPlot && sheetLook(root, (where) => show(where));
  const part = el("section", {hidden: true}, el("h3", {}, t("plot")), body, controls, look ?? "", told);
  let about = {drivers: [], direct: [], ports: []}, shape = "", standing = null;

  const begin = (more = {}) => attempt(async () => show(await post(root, more)));
  const answer = (word) => attempt(async () => show(await post(path("answer"), {answer: word})));
  const button = (words, act, primary = false, picture = null) => el("button", {type: "button", class: primary ? "button primary" : "button", onclick: act}, picture && icon(picture), words);

  /** What is to be done next: an answer before a pen, a pause while it moves, or to begin. */
  function next({state, answers = [], can_pause: canPause, controls: steered = [], pens}) {
    if (answers.length) return answers.map((word, i) => button(maybe("plot.answer", word), () => answer(word), i === 0));
    if (state === "plots") return canPause ? [button(t(steered.length ? "plot.interrupt" : "plot.pause"), () => attempt(async () => show(await post(path("pause")))), false, steered.length ? "stop" : "pause")] : [];
    if (state === "asks" || state === "paused") return [];
    const names = [...new Set([...about.drivers, ...about.direct])];
    if (!names.length) return [el("p", {class: "soft"}, t("plot.no-driver"))];
    const begun = pens.some((pen) => pen.status !== "waiting"), over = pens.length > 0 && pens.every((pen) => ["done", "skipped"].includes(pen.status));
    const driver = el("select", {"aria-label": t("plot.driver"), value: names.includes(wanted()) ? wanted() : names[0], onchange: showPort}, names.map((name) => el("option", {value: name}, maybe("plot.driver", name))));
    const port = el("input", {type: "text", "aria-label": t("plot.port"), placeholder: t("plot.port.first"), list: "plot-ports", autocomplete: "off", spellcheck: "false"});
    const ports = el("datalist", {id: "plot-ports"}, about.ports.map((name) => el("option", {value: name})));
    const options = () => ({driver: driver.value, ...(!port.hidden && port.value.trim() && {port: port.value.trim()})});
    function showPort() {
      port.hidden = !about.direct.includes(driver.value);
    }
    showPort();
    return [
      driver, port, ports,
      !over && button(t(begun ? "plot.go-on" : "plot.begin"), () => begin(options()), true, "pin"),
      begun && button(t("plot.restart"), () => begin({...options(), restart: true})),
    ];
  }

  /** A pen of the plot; one that is not at hand can be gone to. */
  function penLine(one, {pen, state}) {
    const other = MOVES.includes(state) && pen && one.number !== pen.number && one.status !== "done";
    return el("li", {data: {status: one.status}}, el("i", {class: "dot", style: {background: one.color}}), one.name, el("span", {class: "soft"}, maybe("plot.status", one.status)),
      other && el("button", {type: "button", class: "text-button", "aria-label": t("plot.to-pen", {name: one.name}), onclick: () => ask("pen", one.number)}, t("plot.to-this")));
  }

  function show(where) {
    // Answers to requests and messages overtake each other: what is older than what is shown is not shown.
    if (!where || (where.started === standing?.started && where.serial < standing?.serial)) return;
    standing = where;
    sheetPlot?.show(where);
    look?.show({state: where.state, pens: where.pens ?? []});
    const {state, message, pens = [], pen, instructions = [], progress, seconds_left: left} = where, moves = MOVES.includes(state);
    controls.show(where.controls ?? [], where.live);
    const line = el("div", {class: "transport-line inline", role: "progressbar", "aria-label": t("plot.progress"), "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": Math.round(100 * (progress ?? 0))});
    restyle(line, {"--share": progress ?? 0});
    const now = JSON.stringify([state, where.answers, pen?.name, where.can_pause, (where.controls ?? []).length > 0, pens.map((one) => one.status), message, about]);
    if (told.textContent !== message) told.textContent = message;
    if (now === shape) {
      // Only the progress has changed: what has the focus stays.
      body.querySelector(".transport-line")?.replaceWith(line);
      const words = body.querySelector(".time-left");
      if (words) words.textContent = t("time.left", {time: duration(left)});
      return;
    }
    shape = now;
    fill(body,
      moves && pen && el("p", {class: "plot-pen"}, el("i", {class: "dot", style: {background: pen.color}}), el("strong", {}, pen.name)),
      message && el("p", {class: "soft"}, message),
      instructions.length > 0 && el("ol", {class: "instructions"}, instructions.map((words) => el("li", {}, words))),
      moves && line, moves && left > 0 && !where.live && el("p", {class: "soft time-left"}, t("time.left", {time: duration(left)})),
      el("div", {class: "row"}, next(where)),
      moves && el("ul", {class: "plot-pens"}, pens.map((one) => penLine(one, where))));
  }

  part.load = async () => {
    const found = await attempt(studio);
    if (found) about = found;
    show(await attempt(() => get(root)));
  };
  const ends = [
    live.on("plot", (message) => message.id === called && show(message)),
    live.on("plot-live", ({id, live: now}) => {
      if (id !== called || !now) return;
      sheetPlot?.note(now);
      if (standing?.state !== "plots") return;
      // The first word of a pen tells what can be asked of it.
      if (standing.live) controls.show(standing.controls, now);
    }),
  ];
  part.end = () => {
    ends.forEach((end) => end());
    controls.end();
    look?.end();
  };
  return part;
}
