// The sheet of paper: strokes drawn with their nibs and inks, as far as each picture of the screen has time for.

import {el, restyle} from "./element.js";
import {filters} from "./frame.js";
import {Growth} from "./growth.js";
import {Strokes} from "./strokes.js";
import {Viewport} from "./viewport.js";

// ms of a picture of the screen that drawing may take; from how many lines on those of one ink are drawn at once while
// they move, and how many of them; how many lines are drawn between two looks at the clock.
const BUDGET = 9, MANY = 1500, BATCH = 24, CLOCK = 16;
const GOLDEN = 0.72;

/**
 * Draws frames on a stage. A picture is drawn behind the one that is seen, for `BUDGET` ms at a time, and shown when it
 * is complete; until then the one that is seen is moved and scaled with the view. What comes too fast is left out.
 */
export class Sheet {
  #stage;
  #paper = el("div", {class: "paper"});
  #front = el("canvas", {class: "ink", "aria-hidden": "true"});
  #back = document.createElement("canvas");
  #growth = new Growth();
  #job = null;
  #due = false;
  #asked = false;
  #cost = 0;
  #drawnView = null;
  #strokes = null;
  #size = "";
  #calm = matchMedia("(prefers-reduced-motion: reduce)");
  #resized;
  #ended = false;
  /** px of the canvas per px of the page. */
  ratio = 1;
  /** What else is drawn at each change of the view: functions of nothing. */
  overlays = new Set();

  constructor(stage) {
    this.#stage = stage;
    this.view = new Viewport(stage, () => this.#moved());
    stage.prepend(this.#paper, this.#front);
    this.#resized = new ResizeObserver(() => this.view.resized());
    this.#resized.observe(stage);
  }

  /** Shows an empty sheet before the first frame. */
  showPaper(width, height, color) {
    this.view.setPaper(width, height);
    restyle(this.#paper, {background: color});
  }

  show(frame) {
    const {page: [width, height], paper} = frame.header, now = performance.now();
    this.showPaper(width, height, paper);
    // A picture that takes long to draw can't be drawn at every step of the way.
    this.#growth.show(frame, now, this.#calm.matches || this.#cost > BUDGET * GOLDEN);
    this.#strokes = null;
    this.redraw();
  }

  get frame() {
    return this.#growth.frame;
  }

  /** Where the strokes of the newest frame are. */
  get strokes() {
    if (!this.frame) return null;
    this.#strokes ??= new Strokes(this.frame);
    return this.#strokes;
  }

  redraw() {
    this.#due = true;
    this.#ask();
  }

  end() {
    this.#ended = true;
    this.#resized.disconnect();
  }

  /** The picture as it is shown, in a canvas. */
  get canvas() {
    return this.#front;
  }

  #moved() {
    const {scale, x, y} = this.view, [width, height] = this.view.paper;
    restyle(this.#paper, {
      width: `${width * scale}px`, height: `${height * scale}px`, transform: `translate(${x}px, ${y}px)`,
    });
    if (this.#drawnView) {
      const grown = scale / this.#drawnView.scale;
      const dx = x - this.#drawnView.x * grown, dy = y - this.#drawnView.y * grown;
      restyle(this.#front, {transform: `translate(${dx}px, ${dy}px) scale(${grown})`});
    }
    for (const overlay of this.overlays) overlay();
    this.redraw();
  }

  #ask() {
    if (!this.#asked && !this.#ended) requestAnimationFrame((time) => this.#tick(time));
    this.#asked = true;
  }

  #tick() {
    this.#asked = false;
    const begun = performance.now();
    if (!this.frame) return;
    if (!this.#job && (this.#due || this.#growth.moves(begun))) this.#begin(begun);
    if (this.#job) this.#work(begun + BUDGET);
    if (this.#job || this.#due || this.#growth.moves(performance.now())) this.#ask();
  }

  #begin(now) {
    const {clientWidth: width, clientHeight: height} = this.#stage;
    if (!width || !height) return;
    this.#due = false;
    this.ratio = Math.min(2, devicePixelRatio);
    this.#back.width = Math.round(width * this.ratio);
    this.#back.height = Math.round(height * this.ratio);
    const {scale, x, y} = this.view, [paperWidth, paperHeight] = this.view.paper, k = scale * this.ratio;
    const context = this.#back.getContext("2d");
    context.setTransform(k, 0, 0, k, x * this.ratio, y * this.ratio);
    context.beginPath();
    context.rect(0, 0, paperWidth, paperHeight);
    context.clip();
    context.fillStyle = this.frame.header.paper;
    context.fill();
    context.lineCap = context.lineJoin = "round";
    const moving = this.#growth.moves(now);
    this.#job = {
      frame: this.frame, context, view: {scale, x, y}, line: 0, spent: 0,
      // Its own copy, as the next picture may be under way before this one is complete.
      points: this.#growth.points(now), batch: moving && this.frame.ids.length > MANY ? BATCH : 1,
    };
  }

  #work(until) {
    const job = this.#job, begun = performance.now(), lines = job.frame.ids.length;
    while (job.line < lines && performance.now() < until) {
      for (let i = 0; i < CLOCK && job.line < lines; i++) job.line = drawLines(job, job.line);
    }
    job.spent += performance.now() - begun;
    if (job.line < lines) return;
    this.#swap(job);
  }

  #swap(job) {
    const size = `${this.#back.width} ${this.#back.height}`;
    if (size !== this.#size) {
      [this.#front.width, this.#front.height] = [this.#back.width, this.#back.height];
      this.#size = size;
    }
    restyle(this.#front, {width: `${this.#back.width / this.ratio}px`, height: `${this.#back.height / this.ratio}px`});
    const context = this.#front.getContext("2d");
    context.globalCompositeOperation = "copy";
    context.drawImage(this.#back, 0, 0);
    this.#cost = job.spent;
    this.#drawnView = job.view;
    this.#job = null;
    // It may have been moved on while it was being drawn.
    const {scale, x, y} = this.view, grown = scale / job.view.scale;
    const dx = x - job.view.x * grown, dy = y - job.view.y * grown;
    restyle(this.#front, {transform: dx || dy || grown !== 1 ? `translate(${dx}px, ${dy}px) scale(${grown})` : "none"});
    this.#stage.dataset.drawn = job.frame.ids.length;
    this.#stage.dataset.step = job.frame.header.step;
    this.#stage.dataset.pictures = Number(this.#stage.dataset.pictures ?? 0) + 1;
    for (const overlay of this.overlays) overlay();
  }
}

/** Draws the line at an index, and those after it that may be drawn with it; gives the next index. */
function drawLines({frame, context, points, batch}, first) {
  const {inks, widths, ids} = frame, at = 4 * first;
  plotart.takePen(context, {
    color: `rgb(${inks[at]} ${inks[at + 1]} ${inks[at + 2]})`, width: widths[first],
    blend: filters(frame, first) ? "multiply" : "source-over",
  });
  context.beginPath();
  let line = first;
  do traceLine(context, frame, points, line++);
  while (line < ids.length && line - first < batch && isAlike(frame, first, line));
  context.stroke();
  return line;
}

function isAlike({inks, widths}, a, b) {
  return widths[a] === widths[b] && [0, 1, 2, 3].every((k) => (inks[4 * a + k] | 2) === (inks[4 * b + k] | 2));
}

/** Adds a line's curves to the path at hand. */
export function traceLine(context, {starts, counts}, points, line) {
  const start = starts[line], end = start + 2 * counts[line];
  context.moveTo(points[start], points[start + 1]);
  for (let i = start + 2; i < end; i += 6) {
    context.bezierCurveTo(points[i], points[i + 1], points[i + 2], points[i + 3], points[i + 4], points[i + 5]);
  }
  // A canvas draws no line without any length, but a dot is to be seen.
  if (end - start > 2 && points[start] === points[end - 2] && points[start + 1] === points[end - 1]) {
    context.lineTo(points[end - 2] + 0.001, points[end - 1]);
  }
}
