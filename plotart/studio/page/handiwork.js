// What hands did to a drawing that is finished, shown before it is drawn again.

const HELD = 2;

/**
 * A frame as `hands` (held, gone, moved of a version's document) would have it.
 *
 * @param {object} known the hands that the frame has already
 */
export function withHands(frame, hands, known) {
  const gone = new Set(hands.gone), held = new Set(hands.held), {ids, counts, starts, header} = frame;
  const left = [...ids.keys()].filter((line) => !gone.has(ids[line])), kept = (array) => array.constructor.from(left, (line) => array[line]);
  const widths = kept(frame.widths), inks = new Uint8Array(4 * left.length), points = [];
  left.forEach((line, i) => {
    inks.set(frame.inks.subarray(4 * line, 4 * line + 4), 4 * i);
    inks[4 * i + 3] = (inks[4 * i + 3] & ~HELD) | (held.has(ids[line]) ? HELD : 0);
    const [x, y] = hands.moved[ids[line]] ?? [0, 0], [a, b] = known.moved[ids[line]] ?? [0, 0];
    const own = frame.points.slice(starts[line], starts[line] + 2 * counts[line]);
    points.push(own.map((value, k) => value + (k % 2 ? y - b : x - a)));
  });
  const all = new Float32Array(points.reduce((sum, own) => sum + own.length, 0)), begins = new Uint32Array(left.length);
  let at = 0;
  points.forEach((own, i) => {
    begins[i] = at;
    all.set(own, at);
    at += own.length;
  });
  return {header: {...header, strokes: left.length, points: all.length / 2}, ids: kept(ids), counts: kept(counts), starts: begins, widths, inks, points: all};
}
