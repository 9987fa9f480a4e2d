// A picture of the run, as it comes over the websocket: strokes with their inks and nibs, in plotting order.

const FILTERS = 1, HELD = 2;

/**
 * Reads what plotart/studio/wire.py wrote.
 *
 * @returns {{bytes: ArrayBuffer, header, ids: Uint32Array, counts: Uint32Array, starts: Uint32Array, widths: Float32Array,
 *   inks: Uint8Array, points: Float32Array}} starts[i] is the index in points of line i's first x
 */
export function readFrame(buffer) {
  const view = new DataView(buffer);
  if (new TextDecoder().decode(new Uint8Array(buffer, 0, 4)) !== "PLT1") throw new Error("not a frame of this studio");
  const headerBytes = view.getUint32(4, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, headerBytes)));
  const {strokes, points: total} = header;
  let at = 8 + headerBytes;
  const take = (Type, length) => {
    const array = new Type(buffer, at, length);
    at += array.byteLength;
    return array;
  };
  const ids = take(Uint32Array, strokes), counts = take(Uint32Array, strokes), widths = take(Float32Array, strokes);
  const inks = take(Uint8Array, 4 * strokes), points = take(Float32Array, 2 * total);
  const starts = new Uint32Array(strokes);
  for (let i = 1; i < strokes; i++) starts[i] = starts[i - 1] + 2 * counts[i - 1];
  return {bytes: buffer, header, ids, counts, starts, widths, inks, points};
}

export const filters = (frame, line) => Boolean(frame.inks[4 * line + 3] & FILTERS);
export const isHeld = (frame, line) => Boolean(frame.inks[4 * line + 3] & HELD);
