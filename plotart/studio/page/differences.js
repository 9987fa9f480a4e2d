// Where two configs differ.

const isObject = (value) => typeof value === "object" && value !== null;

/** [dotted key, value in a, value in b] of each place where plain data differ; undefined where it is not there. */
export function differences(a, b, key = "") {
  if (isObject(a) && isObject(b) && Array.isArray(a) === Array.isArray(b)) {
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((name) => differences(a[name], b[name], key ? `${key}.${name}` : name));
  }
  return JSON.stringify(a) === JSON.stringify(b) ? [] : [[key, a, b]];
}
