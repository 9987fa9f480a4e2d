// What each look draws like: a ball and its shadow, in lines of its kind.

const SIDE = 96, SVG = "http://www.w3.org/2000/svg";

/** How dark it is at a place, 0 to 1. */
function tone(x, y) {
  const dx = (x - 46) / 30, dy = (y - 44) / 30, r = dx * dx + dy * dy;
  if (r < 1) {
    const light = (-0.55 * dx - 0.6 * dy + 0.58 * Math.sqrt(1 - r));
    return Math.min(1, Math.max(0.06, 0.85 - light));
  }
  const sx = (x - 56) / 34, sy = (y - 79) / 7;
  return Math.max(0, 0.75 * (1 - sx * sx - sy * sy));
}

function randoms(seed) {
  return () => {
    seed = (seed * 1664525 + 1013904223) % 4294967296;
    return seed / 4294967296;
  };
}

/** Pieces of a way where `wanted(x, y)` holds, as the data of a path. */
function pieces(points, wanted) {
  let data = "", down = false;
  for (const [x, y] of points) {
    const on = wanted(x, y);
    if (on) data += `${down ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    down = on;
  }
  return data;
}

function hatch(angle, spacing, least, bend = 0) {
  const c = Math.cos(angle), s = Math.sin(angle);
  let data = "", row = 0;
  for (let offset = -70; offset < 70; offset += spacing, row++) {
    const points = [];
    for (let along = -70; along < 70; along += 1.2) {
      const x0 = 48 + along * c - offset * s, y0 = 48 + along * s + offset * c;
      const inside = 1 - ((x0 - 46) ** 2 + (y0 - 44) ** 2) / 900;
      const lift = inside > 0 ? bend * Math.sqrt(inside) : 0;
      points.push([x0 - lift * s, y0 - lift * c]);
    }
    // Every other line goes on into the light.
    data += pieces(points, (x, y) => tone(x, y) > least + (row % 2) * 0.18);
  }
  return data;
}

function scattered(count, seed) {
  const random = randoms(seed), points = [];
  while (points.length < count) {
    const x = 4 + 88 * random(), y = 4 + 88 * random();
    if (random() < tone(x, y) ** 1.4) points.push([x, y]);
  }
  return points;
}

/** Through all points, each time to the nearest that is left. */
function tour(points) {
  const left = points.slice(1), way = [points[0]];
  while (left.length) {
    const [x, y] = way[way.length - 1];
    let best = 0;
    left.forEach(([a, b], i) => {
      if ((a - x) ** 2 + (b - y) ** 2 < (left[best][0] - x) ** 2 + (left[best][1] - y) ** 2) best = i;
    });
    way.push(...left.splice(best, 1));
  }
  return way;
}

const straight = (points) => points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

function smooth(points) {
  let data = `M${points[0].join(" ")}`;
  for (let i = 1; i < points.length - 1; i++) {
    const [x, y] = points[i], [a, b] = points[i + 1];
    data += `Q${x.toFixed(1)} ${y.toFixed(1)} ${((x + a) / 2).toFixed(1)} ${((y + b) / 2).toFixed(1)}`;
  }
  return data;
}

function waves() {
  let data = "";
  for (let r = 1.5; r < 64; r += 3.4) {
    const points = [];
    for (let a = 0; a < 6.3; a += 0.05) points.push([40 + r * Math.cos(a) * 1.05, 36 + r * Math.sin(a)]);
    data += pieces(points, (x, y) => tone(x, y) > 0.16 + (r % 6.8 > 3.4 ? 0.2 : 0));
  }
  return data;
}

function flow() {
  const random = randoms(5);
  let data = "";
  for (const [x, y] of scattered(120, 9)) {
    const points = [[x, y]];
    let [a, b] = [x, y];
    for (let i = 0; i < 5 + 8 * random(); i++) {
      const angle = y > 72 ? 0.05 : Math.atan2(b - 44, a - 46) + 1.9;
      a += 2 * Math.cos(angle);
      b += 2 * Math.sin(angle);
      points.push([a, b]);
    }
    data += pieces(points, (u, v) => tone(u, v) > 0.08);
  }
  return data;
}

function squiggles() {
  let data = "";
  for (let y = 14; y < 90; y += 6) {
    const points = [];
    for (let x = 8; x < 90; x += 0.7) points.push([x, y + 2.9 * Math.min(1, tone(x, y) * 1.2) * Math.sin(x * 2.2)]);
    data += pieces(points, (u) => u > 0);
  }
  return data;
}

const DRAWN = {
  hatch: () => hatch(-0.8, 2.6, 0.2),
  crosshatch: () => hatch(-0.8, 3.2, 0.18) + hatch(0.5, 3.2, 0.5),
  engraving: () => hatch(-0.25, 2.5, 0.12, 7) + hatch(1.1, 3, 0.6, 4),
  flow,
  contour: waves,
  stipple: () => scattered(420, 3).map(([x, y]) => `M${x.toFixed(1)} ${y.toFixed(1)}h.01`).join(""),
  scribble: () => smooth(tour(scattered(520, 4))),
  tour: () => straight(tour(scattered(420, 7))),
  squiggle: squiggles,
  edges: () => "M75 39C74 22 60 12 44 14 27 16 15 30 16 46 17 62 31 75 48 74 63 73 75 60 76 44M24 79C40 88 76 88 90 79M62 24C68 30 71 38 70 47 68 57 62 63 54 66",
};

/** A picture of the look; of one that this page does not know, lines that go where they like. */
export function lookPicture(name) {
  const svg = document.createElementNS(SVG, "svg"), path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", `0 0 ${SIDE} ${SIDE}`);
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", name === "stipple" ? "look-picture dots" : "look-picture");
  path.setAttribute("d", (DRAWN[name] ?? (() => smooth(scattered(60, 11))))());
  svg.append(path);
  return svg;
}
