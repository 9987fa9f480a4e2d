"use strict";

// How pens draw on a canvas, in the replay and in the studio.
globalThis.plotart ??= {};

/** The context draws as a pen does: `blend` is multiply for ink that filters, source-over for ink that covers. */
plotart.takePen = (context, {color, width, blend, opacity = 1}) => {
  context.strokeStyle = color;
  context.globalAlpha = opacity;
  context.lineWidth = width;
  context.globalCompositeOperation = blend;
};

/** Empties a canvas. */
plotart.wipe = (canvas) => {
  const context = canvas.getContext("2d");
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
};
