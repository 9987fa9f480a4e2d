// Hands on the drawing: strokes are chosen, moved, removed and held; parts of the sheet are painted.

import {el, setText} from "./element.js";
import {isHeld} from "./frame.js";
import {iconButton} from "./header.js";
import {icon} from "./icons.js";
import {onKeys} from "./keys.js";
import {attempt, say} from "./notices.js";
import {Region, regionBar} from "./region.js";
import {t} from "./text.js";
import {traceLine} from "./trace.js";
import {listenToGestures} from "./viewport.js";

const TOOLS = {hand: "hand", choose: "pointer", lasso: "lasso", brush: "brush"}, KEYS = {hand: "h", choose: "v", lasso: "l", brush: "b"};
// px: how near a tap has to come to a stroke, and how far a pointer goes until it is no tap any more.
const REACH = 8, TAP = 4;

/** Tools beside the sheet, what they draw over it, and the bar for what is chosen. Gives {rail, bar, end, show}. */
export function hands(version, sheet, stage) {
  const overlay = el("canvas", {class: "overlay", "aria-hidden": "true"});
  stage.append(overlay);
  const region = new Region(sheet);
  let tool = "hand", chosen = new Set(), outline = null, moved = null, from = null, hover = null;

  const buttons = Object.fromEntries(Object.entries(TOOLS).map(([name, picture]) => [name, el("button", {
    type: "button", class: "icon-button tool", "aria-pressed": name === tool, "aria-label": t(`tool.${name}`), title: `${t(`tool.${name}`)} (${KEYS[name].toUpperCase()})`, onclick: () => take(name),
  }, icon(picture))]));
  const rail = el("div", {class: "rail", role: "toolbar", "aria-label": t("tools"), "aria-orientation": "vertical"}, Object.values(buttons));
  const count = el("span", {role: "status"});
  const acts = {
    hold: () => touch({held: [...chosen]}), free: () => touch({freed: [...chosen]}),
    gone: () => touch({gone: [...chosen]}).then((done) => done && choose([])),
  };
  const bar = el("div", {class: "float-bar hands-bar", hidden: true, role: "group", "aria-label": t("hands.chosen")}, count,
    iconButton("lock", t("hands.hold"), acts.hold), iconButton("unlock", t("hands.free"), acts.free), iconButton("trash", t("hands.remove"), acts.gone),
    el("button", {type: "button", class: "button small", title: t("hands.anew.help"), onclick: anew}, icon("pin"), t("hands.anew")),
    iconButton("close", t("hands.none"), () => choose([])));
  const paintBar = regionBar(version, region, () => take("hand"));
  region.changed = draw;

  const touch = (what) => attempt(() => version.act({action: "hands", ...what}));

  async function anew() {
    const held = [...chosen];
    choose([]);
    await attempt(() => version.act({action: "anew", held}));
  }

  function take(name) {
    tool = name;
    outline = from = moved = null;
    for (const [each, button] of Object.entries(buttons)) button.setAttribute("aria-pressed", each === name);
    stage.dataset.tool = name;
    paintBar.hidden = name !== "brush";
    if (name === "brush") choose([]);
    else if (name !== "hand" && !sheet.frame) say(t("hands.no-strokes"));
    draw();
  }

  function choose(ids) {
    chosen = new Set(ids);
    bar.hidden = !chosen.size;
    setText(count, t("hands.count", {n: chosen.size}));
    stage.dataset.chosen = chosen.size;
    draw();
  }

  const reach = (event) => (REACH * (event.pointerType === "touch" ? 2 : 1)) / sheet.view.scale;
  const strokeAt = (x, y, event) => sheet.strokes?.at(x, y, reach(event)) ?? null;

  const choosing = {
    down(x, y, event) {
      const hit = strokeAt(x, y, event);
      // What is chosen can be moved by any of it; from anywhere else an outline is drawn.
      const moves = tool === "choose" && chosen.has(hit) && !event.shiftKey;
      from = {x, y, hit, moves, far: false, outline: tool === "lasso" ? [[x, y]] : null, more: event.shiftKey};
    },
    move(x, y) {
      if (!from) return;
      from.far ||= Math.hypot(x - from.x, y - from.y) * sheet.view.scale > TAP;
      if (!from.far) return;
      if (from.moves) moved = [x - from.x, y - from.y];
      else if (from.outline) {
        from.outline.push([x, y]);
        outline = from.outline;
      } else outline = [[from.x, from.y], [x, from.y], [x, y], [from.x, y]];
      draw();
    },
    up(x, y, event) {
      if (!from) return;
      const {hit, far, more} = from, by = moved;
      if (by && far) touch({moved: {strokes: [...chosen], by: by.map((mm) => Math.round(1000 * mm) / 1000)}}).then(() => {
        moved = null;
        draw();
      });
      else if (outline) {
        const found = sheet.strokes?.within(outline) ?? [];
        choose(more ? [...chosen, ...found] : found);
      } else if (!far && hit === null && !more) choose([]);
      else if (!far && hit !== null) choose(!more ? [hit] : chosen.has(hit) ? [...chosen].filter((id) => id !== hit) : [...chosen, hit]);
      from = outline = null;
      if (!by) draw();
    },
    cancel() {
      from = outline = moved = null;
      draw();
    },
    hover(x, y, event) {
      if (event.pointerType === "touch") return;
      const hit = strokeAt(x, y, event);
      if (hit === hover) return;
      hover = hit;
      stage.classList.toggle("over-stroke", hit !== null);
      draw();
    },
    leave() {
      hover = null;
      draw();
    },
    /** Arrows move what is chosen, by a millimetre or, with shift, by ten. */
    key(event) {
      const way = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key];
      if (!way || !chosen.size || event.altKey || event.ctrlKey || event.metaKey) return false;
      touch({moved: {strokes: [...chosen], by: way.map((mm) => mm * (event.shiftKey ? 10 : 1))}});
      return true;
    },
  };
  const gestures = {hand: {}, choose: choosing, lasso: choosing, brush: region.tool};
  let picking = null;
  listenToGestures(stage, sheet.view, () => picking ?? gestures[tool]);

  const colorOf = (name) => getComputedStyle(stage).getPropertyValue(name);

  let blank = true;

  /** Over the sheet: what is chosen, held, painted, and the outline that is being drawn. */
  function draw() {
    const idle = tool === "hand" && !chosen.size && !outline && hover === null;
    if (idle && blank) return;
    blank = idle;
    const {clientWidth: width, clientHeight: height} = stage, ratio = Math.min(2, devicePixelRatio);
    if (overlay.width !== Math.round(width * ratio) || overlay.height !== Math.round(height * ratio)) {
      [overlay.width, overlay.height] = [Math.round(width * ratio), Math.round(height * ratio)];
    }
    plotart.wipe(overlay);
    const context = overlay.getContext("2d"), {scale, x, y} = sheet.view, k = scale * ratio;
    context.setTransform(k, 0, 0, k, x * ratio, y * ratio);
    context.lineCap = context.lineJoin = "round";
    if (tool === "brush") region.draw(context, colorOf("--accent"));
    const {frame} = sheet;
    if (frame && tool !== "hand") {
      for (let i = 0; i < frame.ids.length; i++) {
        if (isHeld(frame, i) && !chosen.has(frame.ids[i])) trace(context, frame, i, 1.2 / scale, colorOf("--held"), [3 / scale, 4 / scale]);
      }
    }
    if (frame && (chosen.size || hover !== null)) {
      context.save();
      if (moved) context.translate(...moved);
      for (let i = 0; i < frame.ids.length; i++) {
        const on = chosen.has(frame.ids[i]);
        if (!on && frame.ids[i] !== hover) continue;
        if (moved && !on) continue;
        trace(context, frame, i, frame.widths[i] + 4 / scale, colorOf("--halo"), []);
        trace(context, frame, i, Math.max(frame.widths[i], 1.2 / scale), colorOf("--accent"), []);
      }
      context.restore();
    }
    if (outline) {
      context.beginPath();
      outline.forEach(([a, b]) => context.lineTo(a, b));
      context.closePath();
      context.globalAlpha = 0.12;
      context.fillStyle = context.strokeStyle = colorOf("--accent");
      context.fill();
      context.globalAlpha = 1;
      context.lineWidth = 1.2 / scale;
      context.setLineDash([5 / scale, 4 / scale]);
      context.stroke();
      context.setLineDash([]);
    }
  }

  function trace(context, frame, line, width, color, dash) {
    context.lineWidth = width;
    context.strokeStyle = color;
    context.setLineDash(dash);
    context.beginPath();
    traceLine(context, frame, frame.points, line);
    context.stroke();
    context.setLineDash([]);
  }

  sheet.overlays.add(draw);
  const letGo = onKeys({
    ...Object.fromEntries(Object.entries(KEYS).map(([name, key]) => [key, () => take(name)])),
    Delete: () => chosen.size && acts.gone(), Backspace: () => chosen.size && acts.gone(),
    Escape: () => (chosen.size ? choose([]) : take("hand")),
    "Ctrl+a": () => tool !== "hand" && sheet.frame && choose(sheet.frame.ids),
  });
  take("hand");
  return {
    rail, bar, paintBar,
    /** Taps on the sheet go to `take` (x mm, y mm, event) in place of the tool, until it is null. */
    pick(take) {
      picking = take && {down: take};
      stage.classList.toggle("picking", Boolean(take));
    },
    /** Strokes that are no more are no longer chosen. */
    show() {
      if (!chosen.size || !sheet.frame) return;
      const there = new Set(sheet.frame.ids), left = [...chosen].filter((id) => there.has(id));
      if (left.length !== chosen.size) choose(left);
    },
    end() {
      letGo();
      sheet.overlays.delete(draw);
      overlay.remove();
    },
  };
}
