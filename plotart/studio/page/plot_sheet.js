// The plot on the sheet while it runs: what is drawn in ink, what is to come faint, and where the carriage stands.

import {el, restyle} from "./element.js";
import {Strokes} from "./strokes.js";

const REACH = 10, TRAVELS = ["asks", "plots", "paused"];

/**
 * What lies over the sheet while a version is plotted.
 *
 * @param {object} sheet
 * @param {Element} stage
 * @param {(take: ?function(number, number, PointerEvent): void) => void} pick has the next tap on the sheet, until null
 */
export function plotSheet(sheet, stage, pick) {
  const carriage = el("div", {class: "carriage", hidden: true, "aria-hidden": "true"});
  stage.append(carriage);
  let frame = null, pens = null, at = null, changed = () => {};

  function place() {
    if (!at) return;
    const {scale, x, y} = sheet.view;
    restyle(carriage, {translate: `${x + at[0] * scale}px ${y + at[1] * scale}px`});
  }
  sheet.overlays.add(place);

  function draw() {
    sheet.showProgress(pens && Object.fromEntries(pens.map(({number, inked}) => [number, inked])));
    stage.dataset.plots = Boolean(pens);
  }

  return {
    /** Whether a plot is under way, so that its lines are what is seen. */
    get on() {
      return pens !== null;
    },
    /** `call` is called when a plot begins or ends. */
    set changed(call) {
      changed = call;
    },
    /** The plotted lines, once they are there. */
    set frame(lines) {
      frame = lines;
      draw();
    },
    /** A message of how the plot stands. */
    show({state, pens: all, pen, live}) {
      const was = pens !== null;
      pens = TRAVELS.includes(state) ? all : null;
      if (pen) restyle(carriage, {"--pen": pen.color});
      if (live) this.note(live);
      else {
        at = null;
        carriage.hidden = true;
      }
      draw();
      if (was !== (pens !== null)) changed();
    },
    /** A word of a pen that moves. */
    note(live) {
      const mine = pens?.find(({number}) => number === live.pen);
      if (!mine) return;
      mine.inked = live.inked;
      at = live.at;
      carriage.hidden = !at;
      carriage.classList.toggle("down", live.pen_down);
      stage.dataset.inked = live.inked.reduce((sum, [begin, end]) => sum + end - begin, 0).toFixed(1);
      place();
      draw();
    },
    /** Waits for a tap on a line of a pen; `found` gets its number, from 1. Gives what ends it. */
    pickLine(pen, found) {
      const strokes = frame && new Strokes(frame), end = () => pick(null);
      pick((x, y, event) => {
        const reach = (REACH * (event.pointerType === "touch" ? 2 : 1)) / sheet.view.scale;
        const line = strokes?.nearest(x, y, reach, (id) => id === pen);
        if (line === null || line === undefined) return;
        end();
        found(line - frame.ids.indexOf(pen) + 1);
      });
      return end;
    },
    end() {
      sheet.overlays.delete(place);
      carriage.remove();
    },
  };
}
