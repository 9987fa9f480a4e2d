// What steers a pen that moves: pause, speed, height, back, to a line. Only what its driver can is shown.

import {el, fill, setText} from "./element.js";
import {iconButton} from "./header.js";
import {icon} from "./icons.js";
import {duration, number, t} from "./text.js";

const FASTER = 0.1, HIGHER = 2, BACK_MM = 5;

/**
 * The controls; `show(controls, live)` with those that there are and how the pen stands.
 *
 * @param {(control: string, value?: any) => void} ask
 * @param {?(pen: number, found: (line: number) => void) => () => void} pickLine where there is a sheet to tap on
 */
export function plotControls(ask, pickLine) {
  const figures = el("p", {class: "soft plot-figures"}), pauses = el("div", {class: "row"});
  const line = el("input", {type: "number", min: "1", step: "1", class: "line-field", "aria-label": t("plot.line")});
  const of = el("span", {class: "soft"});
  const pick = el("button", {type: "button", class: "button small", "aria-pressed": "false", onclick: startPick}, icon("pointer"), t("plot.line.pick"));
  const lines = el("form", {class: "row plot-line", onsubmit: (event) => {
    event.preventDefault();
    if (line.value) ask("line", Number(line.value));
    line.value = "";
  }}, el("span", {}, t("plot.line")), line, of, el("button", {type: "submit", class: "button small"}, t("plot.line.go")), pickLine ? pick : "");
  const speed = stepper("speed", (by) => ask("speed", Math.round(100 * (now.speed + by * FASTER)) / 100), (live) => t("percent", {n: Math.round(100 * live.speed)}));
  const height = stepper("height", (by) => ask("height", Math.min(100, Math.max(0, now.height + by * HIGHER))), (live) => t("percent", {n: number(live.height, 0)}));
  const back = el("button", {type: "button", class: "button small", onclick: () => ask("back", BACK_MM)}, icon("undo"), t("plot.back", {n: BACK_MM}));
  const part = el("div", {class: "plot-controls", role: "group", "aria-label": t("plot.controls"), hidden: true}, figures, pauses, speed.part, height.part, lines);
  let now = null, shown = "", endPick = null;

  function startPick() {
    if (endPick) return stopPick();
    endPick = pickLine(now.pen, (found) => {
      stopPick();
      ask("line", found);
    });
    pick.setAttribute("aria-pressed", "true");
    return undefined;
  }

  function stopPick() {
    endPick?.();
    endPick = null;
    pick.setAttribute("aria-pressed", "false");
  }

  function stepper(key, step, value) {
    const words = el("output", {}), less = iconButton("minus", t(`plot.${key}.less`), () => step(-1)), more = iconButton("plus", t(`plot.${key}.more`), () => step(1));
    return {part: el("div", {class: "plot-step"}, el("span", {}, t(`plot.${key}`)), less, words, more), show: (live) => setText(words, value(live))};
  }

  function showPauses(state) {
    const words = `${state} ${now.paused}`, had = pauses.contains(document.activeElement);
    if (words === shown) return;
    shown = words;
    fill(pauses, ...(now.paused || now.pausing
      ? [el("button", {type: "button", class: "button small primary", onclick: () => ask("go")}, icon("go"), t("go-on"))]
      : [el("button", {type: "button", class: "button small", onclick: () => ask("pause", "line")}, icon("pause"), t("plot.pause.line")),
        el("button", {type: "button", class: "button small", onclick: () => ask("pause", "now")}, icon("pause"), t("plot.pause.now"))]), back);
    if (had) pauses.querySelector("button").focus();
  }

  part.show = (controls, live) => {
    now = live;
    part.hidden = !live || !controls.length;
    if (part.hidden) {
      if (endPick) stopPick();
      return;
    }
    speed.show(live);
    height.part.hidden = !controls.includes("height");
    if (!height.part.hidden) height.show(live);
    line.max = live.lines;
    setText(of, t("plot.line.of", {n: live.lines}));
    part.dataset.state = live.paused ? "paused" : live.pausing ? "pausing" : "draws";
    setText(figures, [
      t("plot.line.at", {n: live.line, all: live.lines}), t("plot.left", {pen: duration(live.pen_seconds_left), all: duration(live.seconds_left)}),
      live.paused ? t("plot.paused") : live.pausing ? t("plot.pausing") : null,
    ].filter(Boolean).join(" · "));
    showPauses(part.dataset.state);
  };
  part.end = () => endPick && stopPick();
  return part;
}
