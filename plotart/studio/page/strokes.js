// Which strokes of a frame are where: cubic Béziers as polylines, found by a point or within an outline.

const STEPS = 12;

/** Flattens the lines of a frame once they are asked for. Positions are mm of the paper. */
export class Strokes {
  #frame;
  #lines = [];

  constructor(frame) {
    this.#frame = frame;
  }

  get frame() {
    return this.#frame;
  }

  /** A line's points x, y, x, y …, and its box. */
  line(index) {
    if (this.#lines[index]) return this.#lines[index];
    const {header, starts, counts, points} = this.#frame, start = starts[index];
    const segments = header.polylines ? 0 : (counts[index] - 1) / 3;
    const path = header.polylines ? points.subarray(start, start + 2 * counts[index]) : new Float32Array(2 * (segments * STEPS + 1));
    if (!header.polylines) path.set(points.subarray(start, start + 2));
    for (let segment = 0, at = 2; segment < segments; segment++) {
      const p = points.subarray(start + 6 * segment, start + 6 * segment + 8);
      for (let step = 1; step <= STEPS; step++, at += 2) {
        const s = step / STEPS, r = 1 - s, a = r * r * r, b = 3 * r * r * s, c = 3 * r * s * s, d = s * s * s;
        path[at] = a * p[0] + b * p[2] + c * p[4] + d * p[6];
        path[at + 1] = a * p[1] + b * p[3] + c * p[5] + d * p[7];
      }
    }
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < path.length; i += 2) {
      box[0] = Math.min(box[0], path[i]);
      box[1] = Math.min(box[1], path[i + 1]);
      box[2] = Math.max(box[2], path[i]);
      box[3] = Math.max(box[3], path[i + 1]);
    }
    return (this.#lines[index] = {path, box});
  }

  /** The stroke nearest to a point, no further than `reach`; null if there is none. */
  at(x, y, reach) {
    const line = this.nearest(x, y, reach);
    return line === null ? null : this.#frame.ids[line];
  }

  /** The line nearest to a point, of the strokes of which `wanted` is true. */
  nearest(x, y, reach, wanted = () => true) {
    let best = null, nearest = reach;
    for (let i = 0; i < this.#frame.ids.length; i++) {
      if (!wanted(this.#frame.ids[i])) continue;
      const {path, box} = this.line(i), rim = nearest + this.#frame.widths[i] / 2;
      if (x < box[0] - rim || x > box[2] + rim || y < box[1] - rim || y > box[3] + rim) continue;
      const distance = Math.max(0, distanceTo(path, x, y) - this.#frame.widths[i] / 2);
      // What lies on top, or is as near, is what one sees.
      if (distance <= nearest) [best, nearest] = [i, distance];
    }
    return best;
  }

  /** Strokes more than half of which lie within an outline [[x, y], …]. */
  within(outline) {
    const found = new Set(), box = boxOf(outline);
    for (let i = 0; i < this.#frame.ids.length; i++) {
      const {path, box: own} = this.line(i);
      if (own[2] < box[0] || own[0] > box[2] || own[3] < box[1] || own[1] > box[3]) continue;
      let inside = 0;
      for (let k = 0; k < path.length; k += 2) inside += isInside(outline, path[k], path[k + 1]);
      if (inside > path.length / 4) found.add(this.#frame.ids[i]);
    }
    return found;
  }
}

function boxOf(outline) {
  const xs = outline.map(([x]) => x), ys = outline.map(([, y]) => y);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

function distanceTo(path, x, y) {
  let least = Infinity;
  for (let i = 0; i + 3 < path.length; i += 2) {
    const dx = path[i + 2] - path[i], dy = path[i + 3] - path[i + 1], length = dx * dx + dy * dy;
    const share = length ? Math.min(1, Math.max(0, ((x - path[i]) * dx + (y - path[i + 1]) * dy) / length)) : 0;
    least = Math.min(least, Math.hypot(x - path[i] - share * dx, y - path[i + 1] - share * dy));
  }
  return least;
}

function isInside(outline, x, y) {
  let inside = false;
  for (let i = 0, j = outline.length - 1; i < outline.length; j = i++) {
    const [xi, yi] = outline[i], [xj, yj] = outline[j];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside ? 1 : 0;
}
