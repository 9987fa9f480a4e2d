// Lines of a plot as they are on the paper: in ink what is drawn, faint what is to come.

import {traceLine} from "./trace.js";

const FAINT = 0.2;

/** How far each pen has come: spans [begin, end] of mm along all its lines, null for one that has drawn everything. */
export class Progress {
  #spans;
  #frame = null;
  #begins;
  #lengths;

  constructor(spans) {
    this.#spans = spans;
  }

  /** Draws line number `line` of a frame of polylines with what the context has taken up. */
  draw(context, frame, line) {
    if (frame !== this.#frame) this.#measure(frame);
    const spans = this.#spans[frame.ids[line]], begin = this.#begins[line], length = this.#lengths[line];
    const drawn = spans === null ? [[0, length]] : (spans ?? []).map(([from, to]) => [Math.max(0, from - begin), Math.min(length, to - begin)]).filter(([from, to]) => to > from);
    // A hundredth of a mm is what figures are rounded to.
    const whole = drawn.some(([from, to]) => from <= 0.02 && to >= length - 0.02);
    if (!whole) {
      context.globalAlpha = FAINT;
      context.beginPath();
      traceLine(context, frame, frame.points, line);
      context.stroke();
      context.globalAlpha = 1;
    }
    for (const [from, to] of drawn) {
      context.beginPath();
      if (whole) traceLine(context, frame, frame.points, line);
      else this.#tracePart(context, line, from, to);
      context.stroke();
    }
  }

  #measure(frame) {
    this.#frame = frame;
    this.#begins = new Float64Array(frame.ids.length);
    this.#lengths = new Float64Array(frame.ids.length);
    const before = {};
    for (let line = 0; line < frame.ids.length; line++) {
      const {points, starts, counts, ids} = frame, end = starts[line] + 2 * counts[line];
      let length = 0;
      for (let i = starts[line] + 2; i < end; i += 2) length += Math.hypot(points[i] - points[i - 2], points[i + 1] - points[i - 1]);
      this.#begins[line] = before[ids[line]] ?? 0;
      this.#lengths[line] = length;
      before[ids[line]] = this.#begins[line] + length;
    }
  }

  #tracePart(context, line, from, to) {
    const {points, starts, counts} = this.#frame, end = starts[line] + 2 * counts[line];
    let along = 0, begun = false;
    for (let i = starts[line] + 2; i < end && along < to; i += 2) {
      const dx = points[i] - points[i - 2], dy = points[i + 1] - points[i - 1], step = Math.hypot(dx, dy);
      const at = (mm) => [points[i - 2] + (dx * (mm - along)) / step, points[i - 1] + (dy * (mm - along)) / step];
      if (step && along + step > from) {
        if (!begun) context.moveTo(...at(Math.max(from, along)));
        begun = true;
        context.lineTo(...at(Math.min(to, along + step)));
      }
      along += step;
    }
  }
}
