// A stroke as a path of a canvas.

/** Adds line number `line` of a frame to the path at hand, with its control points as they are in `points`. */
export function traceLine(context, {header, starts, counts}, points, line) {
  const start = starts[line], end = start + 2 * counts[line];
  context.moveTo(points[start], points[start + 1]);
  if (header.polylines) for (let i = start + 2; i < end; i += 2) context.lineTo(points[i], points[i + 1]);
  else for (let i = start + 2; i < end; i += 6) {
    context.bezierCurveTo(points[i], points[i + 1], points[i + 2], points[i + 3], points[i + 4], points[i + 5]);
  }
  // A canvas draws no line without any length, but a dot is to be seen.
  if (end - start > 2 && points[start] === points[end - 2] && points[start + 1] === points[end - 1]) {
    context.lineTo(points[end - 2] + 0.001, points[end - 1]);
  }
}
