// Which part of the paper is seen, and how large: pan, zoom and pinch, by pointer, wheel and keyboard.

// Bounds of the zoom: of what shows all of the sheet, and px per mm. px that tools and air take of the stage's sides,
// of one that is wide and of one that is narrow.
const LEAST = 0.4, MOST = 60;
const WIDE = {left: 76, right: 28, top: 14, bottom: 32}, NARROW = {left: 16, right: 16, top: 8, bottom: 60}, NARROW_PX = 560;

/** `scale` is px of the page per mm of paper; `x`, `y` are where the paper's corner is, in px of the stage. */
export class Viewport {
  scale = 1;
  x = 0;
  y = 0;
  #paper = [1, 1];
  #stage;
  #fitted = true;
  #changed;

  /** `changed()` is called after each change. */
  constructor(stage, changed) {
    this.#stage = stage;
    this.#changed = changed;
  }

  /** The paper's size in mm. */
  setPaper(width, height) {
    if (width === this.#paper[0] && height === this.#paper[1]) return;
    this.#paper = [width, height];
    this.fit();
  }

  get paper() {
    return this.#paper;
  }

  /** All of the paper, in the middle. */
  fit() {
    const {scale, x, y} = this.#whole();
    this.#fitted = true;
    this.#set(scale, x, y);
  }

  /** After the stage has changed its size. */
  resized() {
    if (this.#fitted) this.fit();
    else this.#changed();
  }

  panBy(dx, dy) {
    this.#fitted = false;
    this.#set(this.scale, this.x + dx, this.y + dy);
  }

  /** Zooms while what is at (px, py) of the stage stays there. */
  zoomAt(px, py, factor) {
    const least = LEAST * this.#whole().scale;
    const scale = Math.min(MOST, Math.max(least, this.scale * factor)), grown = scale / this.scale;
    this.#fitted = false;
    this.#set(scale, px - (px - this.x) * grown, py - (py - this.y) * grown);
  }

  zoomBy(factor) {
    this.zoomAt(this.#stage.clientWidth / 2, this.#stage.clientHeight / 2, factor);
  }

  /** Where a point of the window lies on the paper, in mm. */
  toPaper(clientX, clientY) {
    const {left, top} = this.#stage.getBoundingClientRect();
    return [(clientX - left - this.x) / this.scale, (clientY - top - this.y) / this.scale];
  }

  #whole() {
    const [width, height] = this.#paper, {clientWidth, clientHeight} = this.#stage;
    const room = clientWidth < NARROW_PX ? NARROW : WIDE;
    const across = clientWidth - room.left - room.right, down = clientHeight - room.top - room.bottom;
    const scale = Math.max(0.01, Math.min(across / width, down / height));
    // In the middle of the stage if nothing is in the way there.
    const x = Math.max(room.left, (clientWidth - width * scale) / 2), y = room.top + (down - height * scale) / 2;
    return {scale, x: Math.min(x, clientWidth - room.right - width * scale), y};
  }

  #set(scale, x, y) {
    [this.scale, this.x, this.y] = [scale, x, y];
    this.#changed();
  }
}

/**
 * Gestures on the stage: one pointer goes to `tool()`, {down, move, up, cancel} of (x mm, y mm, event), and so do keys,
 * `key` of an event, true if it has taken it; two pinch,
 * the middle button and a tool without `down` pan, a wheel zooms.
 */
export function listenToGestures(stage, viewport, tool) {
  const pointers = new Map();
  let doing = null;

  const place = (event) => viewport.toPaper(event.clientX, event.clientY);
  const spread = () => {
    const [a, b] = [...pointers.values()];
    return {x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, apart: Math.hypot(a.x - b.x, a.y - b.y)};
  };

  stage.addEventListener("pointerdown", (event) => {
    if (event.target.closest("button, input, select, a, [popover]")) return;
    stage.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, {x: event.clientX, y: event.clientY});
    const active = tool();
    if (pointers.size === 2) {
      if (doing === "tool") active.cancel?.();
      doing = "pinch";
    } else if (pointers.size === 1) {
      doing = event.button === 1 || !active.down ? "pan" : "tool";
      if (doing === "tool") active.down(...place(event), event);
      else stage.classList.add("panning");
    }
    stage.classList.add("pointed");
    stage.focus({preventScroll: true});
    event.preventDefault();
  });
  stage.addEventListener("pointermove", (event) => {
    const last = pointers.get(event.pointerId);
    if (!last) {
      tool().hover?.(...place(event), event);
      return;
    }
    const before = pointers.size === 2 && spread();
    const dx = event.clientX - last.x, dy = event.clientY - last.y;
    [last.x, last.y] = [event.clientX, event.clientY];
    if (doing === "pan") viewport.panBy(dx, dy);
    else if (doing === "tool") tool().move?.(...place(event), event);
    else if (before) {
      const {left, top} = stage.getBoundingClientRect(), after = spread();
      viewport.panBy(after.x - before.x, after.y - before.y);
      if (before.apart > 1) viewport.zoomAt(after.x - left, after.y - top, after.apart / before.apart);
    }
  });
  const end = (event) => {
    if (!pointers.delete(event.pointerId)) return;
    if (doing === "tool") {
      if (event.type === "pointerup") tool().up?.(...place(event), event);
      else tool().cancel?.();
    }
    if (!pointers.size || doing === "tool") doing = null;
    stage.classList.remove("panning");
  };
  stage.addEventListener("pointerup", end);
  stage.addEventListener("pointercancel", end);
  stage.addEventListener("pointerleave", () => tool().leave?.());
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    const {left, top} = stage.getBoundingClientRect();
    // Lines of a mouse's wheel, or the pixels of a touchpad.
    const amount = event.deltaMode === 1 ? 16 * event.deltaY : event.deltaY;
    viewport.zoomAt(event.clientX - left, event.clientY - top, Math.exp(-amount * (event.ctrlKey ? 0.01 : 0.0015)));
  }, {passive: false});
  stage.addEventListener("blur", () => stage.classList.remove("pointed"));
  stage.addEventListener("keydown", (event) => {
    stage.classList.remove("pointed");
    if (tool().key?.(event)) {
      event.preventDefault();
      return;
    }
    if (event.target !== stage || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? 160 : 40;
    const actions = {
      ArrowLeft: () => viewport.panBy(step, 0), ArrowRight: () => viewport.panBy(-step, 0),
      ArrowUp: () => viewport.panBy(0, step), ArrowDown: () => viewport.panBy(0, -step),
      "+": () => viewport.zoomBy(1.25), "-": () => viewport.zoomBy(0.8), 0: () => viewport.fit(),
    };
    if (!actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  });
}
