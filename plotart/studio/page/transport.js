// Draw, pause, a step, go on, stop; how far it is, and how long it still takes.

import {el, fill, restyle, setText} from "./element.js";
import {icon} from "./icons.js";
import {attempt} from "./notices.js";
import {isUnderWay, stateWords} from "./states.js";
import {bytes, duration, number, t} from "./text.js";

const REMEMBERED = 12;

/** Steps a second out of the last few pictures, as a run is not equally fast from its begin to its end. */
class Pace {
  #seen = [];

  note(step, time) {
    const last = this.#seen[this.#seen.length - 1];
    if (last && step < last.step) this.#seen = [];
    if (last && step === last.step) return;
    if (last && time - last.time < 400) return;
    this.#seen.push({step, time});
    if (this.#seen.length > REMEMBERED) this.#seen.shift();
  }

  seconds(steps) {
    const [first] = this.#seen, last = this.#seen[this.#seen.length - 1];
    if (!first || last.step <= first.step) return null;
    return (steps * (last.time - first.time)) / 1000 / (last.step - first.step);
  }

  forget() {
    this.#seen = [];
  }
}

/** `acts` are {replay, paper}: what is offered once it is drawn. */
export function transport(version, acts) {
  const main = el("button", {type: "button", class: "go-button"}), small = el("div", {class: "transport-small"});
  const state = el("strong", {class: "transport-state", role: "status"}), facts = el("span", {class: "soft"});
  const line = el("div", {class: "transport-line", role: "progressbar", "aria-label": t("progress"), "aria-valuemin": "0", "aria-valuemax": "100"});
  const bar = el("div", {class: "transport", role: "group", "aria-label": t("transport")}, line, main,
    el("div", {class: "transport-words"}, state, facts), small);
  const pace = new Pace();
  let shown = "", step = 0, total = 0;

  const act = (action) => attempt(() => version.act({action}));
  const actions = {
    draw: {icon: "go", words: () => t("draw"), act: () => act("draw")},
    pause: {icon: "pause", words: () => t("pause"), act: () => act("pause")},
    go: {icon: "go", words: () => t("go-on"), act: () => act("go")},
    step: {icon: "step", words: () => t("step"), act: () => act("step")},
    stop: {icon: "stop", words: () => t("stop"), act: () => act("stop")},
    redraw: {icon: "go", words: () => t("draw-changes"), act: () => act("draw"), wide: true},
    replay: {icon: "go", words: () => t("replay"), act: acts.replay},
    paper: {icon: "pin", words: () => t("to-paper"), act: acts.paper, wide: true},
  };
  const offered = () => {
    const {state: now} = version.card;
    if (now === "drawing") return ["pause", "step", "stop"];
    if (now === "paused") return ["go", "step", "stop"];
    if (now === "waiting") return ["pause", "stop"];
    if (now === "done") return version.document?.changed ? ["redraw", "replay"] : ["replay", "paper"];
    return ["draw", "step"];
  };

  function show() {
    const {card} = version, names = offered();
    if (!isUnderWay(card.state)) pace.forget();
    if (names.join() !== shown) {
      shown = names.join();
      const had = bar.contains(document.activeElement);
      const [first, ...others] = names.map((name) => actions[name]);
      fill(main, icon(first.icon), el("span", {class: first.wide ? "" : "visually-hidden"}, first.words()));
      main.classList.toggle("wide", Boolean(first.wide));
      main.title = first.words();
      main.onclick = first.act;
      fill(small, others.map((one) => el("button", {type: "button", class: one.wide ? "button" : "icon-button", title: one.words(), onclick: one.act},
        !one.wide && icon(one.icon), el("span", {class: one.wide ? "" : "visually-hidden"}, one.words()))));
      if (had && !bar.contains(document.activeElement)) main.focus();
    }
    if (!isUnderWay(card.state)) [step, total] = [card.step, card.total];
    tell();
  }

  function tell() {
    const {card} = version, underWay = isUnderWay(card.state), share = total ? step / total : 0;
    setText(state, card.state === "done" ? t("state.done") : underWay ? t(`state.${card.state}`) : stateWords(card));
    const left = card.state === "drawing" ? pace.seconds(total - step) : null;
    const words = [
      underWay && total > 0 && t("step.of", {step: number(step), total: number(total)}),
      left !== null && total > step && t("time.left", {time: duration(left)}),
      card.state === "done" && stateWords(card),
      card.state === "done" && version.document?.changed && t("changed"),
    ].filter(Boolean);
    setText(facts, words.join(" · "));
    restyle(line, {"--share": underWay ? share : card.state === "done" ? 1 : share});
    line.classList.toggle("running", card.state === "drawing");
    line.setAttribute("aria-valuenow", Math.round(100 * share));
  }

  bar.show = show;
  /** What a picture of the run says. */
  bar.note = (header) => {
    [step, total] = [header.step, header.total];
    pace.note(step, performance.now());
    tell();
  };
  /** Weights of a network are on their way, before anything can be drawn. */
  bar.fetches = (done, all) => setText(facts, t("fetching", {done: bytes(done), all: bytes(all)}));
  bar.space = () => main.click();
  bar.step = () => offered().includes("step") && actions.step.act();
  return bar;
}
