// How a version stands, in words.

import {duration, maybe, number, t} from "./text.js";

/** "drawing, 31 %", or what a finished drawing has. */
export function stateWords(card) {
  const {state, step, total, metres, minutes} = card;
  if (state === "done") {
    const facts = [metres && t("metres", {n: number(metres, 1)}), minutes && duration(60 * minutes)].filter(Boolean);
    return facts.length ? facts.join(" · ") : maybe("state", state);
  }
  const words = maybe("state", state);
  return total && step && state !== "failed" ? t("state.at", {state: words, n: Math.floor((100 * step) / total)}) : words;
}

export const isUnderWay = (state) => ["waiting", "drawing", "paused"].includes(state);
