// Draws strokes with their nibs and inks, in a thread of its own: the page stays fluid however many there are.

import "/player.js";
import {filters} from "./frame.js";
import {Growth} from "./growth.js";
import {Progress} from "./progress.js";
import {traceLine} from "./trace.js";

// ms that a picture may take for lines to be shown on their way; the share of its px that it has while they move if all
// of them would take longer, and ms after the last frame until it is sharp again.
const QUICK = 30, COARSE = 0.5, SETTLES = 300;

const canvas = new OffscreenCanvas(1, 1), growth = new Growth();
let progress = null, view = null, due = false, waits = false, asked = false, cost = 0, wholeCost = 0, newest = -SETTLES, settles = 0;

/**
 * {frame, calm}: a new frame; {view}: what part of the sheet is seen; {progress}: what a plot has drawn; {shown}: the last
 * picture is there.
 */
addEventListener("message", ({data}) => {
  // What takes long to draw is not drawn at every step of its way.
  if (data.frame) {
    growth.show(data.frame, performance.now(), data.calm || cost > QUICK);
    newest = performance.now();
  }
  if (data.view) view = data.view;
  if (data.progress !== undefined) progress = data.progress && new Progress(data.progress);
  if (data.shown) waits = false;
  else due = true;
  ask();
});

function ask() {
  if (asked || waits || !view || !growth.frame || !(due || growth.moves(performance.now()))) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    draw();
  });
}

function draw() {
  const begun = performance.now(), {frame} = growth, {width, height, scale, x, y, paper: [across, down]} = view;
  const moves = begun - newest < SETTLES || growth.moves(begun), share = moves && wholeCost > QUICK ? COARSE : 1;
  const ratio = view.ratio * share;
  due = false;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  const context = canvas.getContext("2d"), k = scale * ratio;
  context.setTransform(k, 0, 0, k, x * ratio, y * ratio);
  context.beginPath();
  context.rect(0, 0, across, down);
  context.clip();
  context.fillStyle = frame.header.paper;
  context.fill();
  const {cut, margin} = frame.header;
  if (cut) {
    context.beginPath();
    context.rect(margin, margin, across - 2 * margin, down - 2 * margin);
    context.clip();
  }
  context.lineCap = context.lineJoin = "round";
  const {inks, widths} = frame, points = growth.points(begun);
  for (let line = 0; line < frame.ids.length; line++) {
    plotart.takePen(context, {
      color: `rgb(${inks[4 * line]} ${inks[4 * line + 1]} ${inks[4 * line + 2]})`, width: widths[line],
      blend: filters(frame, line) ? "multiply" : "source-over",
    });
    if (progress && frame.header.polylines) {
      progress.draw(context, frame, line);
      continue;
    }
    context.beginPath();
    traceLine(context, frame, points, line);
    context.stroke();
  }
  const picture = canvas.transferToImageBitmap();
  cost = performance.now() - begun;
  wholeCost = cost / (share * share);
  if (share < 1) {
    clearTimeout(settles);
    settles = setTimeout(() => {
      due = true;
      ask();
    }, SETTLES);
  }
  waits = true;
  postMessage({picture, view, strokes: frame.ids.length, step: frame.header.step}, [picture]);
}
