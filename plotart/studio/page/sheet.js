// The sheet of paper on its stage: what the painter draws, moved and scaled with the view at once.

import {el, restyle} from "./element.js";
import {Strokes} from "./strokes.js";
import {Viewport} from "./viewport.js";

const MOST_RATIO = 2;

/**
 * Shows frames on a stage. A painter draws them in a thread of its own; until its next picture is there, the one that
 * is seen is moved and scaled. Frames that come while it draws are left out, but for the newest.
 */
export class Sheet {
  #stage;
  #paper = el("div", {class: "paper"});
  #front = el("canvas", {class: "ink", "aria-hidden": "true"});
  #painter = new Worker("/static/painter.js", {type: "module"});
  #drawnView = null;
  #frame = null;
  #strokes = null;
  #pictures = 0;
  #calm = matchMedia("(prefers-reduced-motion: reduce)");
  #resized;
  /** What else is drawn at each change of the view or of the strokes: functions of nothing. */
  overlays = new Set();

  constructor(stage) {
    this.#stage = stage;
    this.view = new Viewport(stage, () => this.#moved());
    stage.prepend(this.#paper, this.#front);
    this.#painter.addEventListener("message", ({data}) => this.#shown(data));
    this.#resized = new ResizeObserver(() => this.view.resized());
    this.#resized.observe(stage);
  }

  /** px of a canvas per px of the page. */
  get ratio() {
    return Math.min(MOST_RATIO, devicePixelRatio);
  }

  /** Shows an empty sheet before the first frame. */
  showPaper(width, height, color) {
    this.view.setPaper(width, height);
    restyle(this.#paper, {background: color});
  }

  /** Shows the strokes of a frame, or in their place what is `plotted` of them; the frame may be null then. */
  show(frame, plotted = null) {
    const seen = plotted ?? frame, {page: [width, height], paper} = seen.header;
    this.#frame = frame;
    this.#strokes = null;
    this.showPaper(width, height, paper);
    this.#painter.postMessage({frame: seen, calm: this.#calm.matches || plotted !== null});
  }

  /** What a plot has drawn of what is plotted: spans of mm [begin, end] by pen, null for all of one; null for no plot. */
  showProgress(progress) {
    this.#painter.postMessage({progress});
  }

  get frame() {
    return this.#frame;
  }

  /** Where the strokes of the newest frame are. */
  get strokes() {
    if (!this.#frame) return null;
    this.#strokes ??= new Strokes(this.#frame);
    return this.#strokes;
  }

  end() {
    this.#resized.disconnect();
    this.#painter.terminate();
  }

  #moved() {
    const {scale, x, y} = this.view, [width, height] = this.view.paper, {clientWidth, clientHeight} = this.#stage;
    restyle(this.#paper, {
      width: `${width * scale}px`, height: `${height * scale}px`, transform: `translate(${x}px, ${y}px)`,
    });
    this.#place();
    if (clientWidth && clientHeight) {
      this.#painter.postMessage({view: {width: clientWidth, height: clientHeight, ratio: this.ratio, scale, x, y, paper: [width, height]}});
    }
    for (const overlay of this.overlays) overlay();
  }

  /** Lays the picture that is there where the view has it now. */
  #place() {
    if (!this.#drawnView) return;
    const {scale, x, y} = this.view, grown = scale / this.#drawnView.scale;
    const dx = x - this.#drawnView.x * grown, dy = y - this.#drawnView.y * grown;
    restyle(this.#front, {transform: dx || dy || grown !== 1 ? `translate(${dx}px, ${dy}px) scale(${grown})` : "none"});
  }

  #shown({picture, view, strokes, step}) {
    [this.#front.width, this.#front.height] = [picture.width, picture.height];
    this.#front.getContext("bitmaprenderer").transferFromImageBitmap(picture);
    restyle(this.#front, {width: `${view.width}px`, height: `${view.height}px`});
    this.#drawnView = view;
    this.#place();
    Object.assign(this.#stage.dataset, {drawn: strokes, step, pictures: ++this.#pictures});
    for (const overlay of this.overlays) overlay();
    this.#painter.postMessage({shown: true});
  }
}
