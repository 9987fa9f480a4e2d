// Between two frames: lines that are in both move smoothly from where they are seen to where they are to be.

const LEAST_MS = 40, MOST_MS = 500;

/** Where the points of the newest frame are at a time. */
export class Growth {
  frame = null;
  #from = null;
  #begun = 0;
  #lasts = 0;
  #now = null;
  #at = -1;

  /** The newest frame; `still`: it is there at once. */
  show(frame, time, still) {
    const shown = this.frame && !still ? this.points(time) : null;
    const interval = time - this.#begun;
    this.#from = shown && align(this.frame, shown, frame);
    this.frame = frame;
    this.#begun = time;
    this.#lasts = this.#from ? Math.min(MOST_MS, Math.max(LEAST_MS, interval)) : 0;
    this.#at = -1;
  }

  /** It stays as the newest frame has it. */
  settle() {
    this.#lasts = 0;
    this.#at = -1;
  }

  moves(time) {
    return Boolean(this.#from) && time - this.#begun < this.#lasts;
  }

  points(time) {
    if (!this.#from || time - this.#begun >= this.#lasts) return this.frame.points;
    if (time === this.#at) return this.#now;
    const {points} = this.frame, share = Math.max(0, (time - this.#begun) / this.#lasts);
    if (this.#now?.length !== points.length) this.#now = new Float32Array(points.length);
    for (let i = 0; i < points.length; i++) this.#now[i] = this.#from[i] + share * (points[i] - this.#from[i]);
    this.#at = time;
    return this.#now;
  }
}

/** The points that the lines of frame `next` had in frame `last`, seen at `points`; those that are new are in place. */
function align(last, points, next) {
  const from = new Float32Array(next.points), places = new Map();
  if (last.ids.length === next.ids.length && last.ids.every((id, i) => id === next.ids[i])) {
    for (let i = 0; i < next.ids.length; i++) copy(i, i);
    return from;
  }
  // Copies of one stroke come in one order, whatever lies between them.
  for (let i = 0; i < last.ids.length; i++) {
    const id = last.ids[i];
    if (places.has(id)) places.get(id).push(i);
    else places.set(id, [i]);
  }
  for (let i = 0; i < next.ids.length; i++) {
    const old = places.get(next.ids[i])?.shift();
    if (old !== undefined) copy(old, i);
  }
  return from;

  function copy(old, i) {
    if (last.counts[old] !== next.counts[i]) return;
    from.set(points.subarray(last.starts[old], last.starts[old] + 2 * last.counts[old]), next.starts[i]);
  }
}
