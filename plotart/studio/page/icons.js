// Icons as a pen would draw them: lines on a square of 24 by 24.

const PATHS = {
  back: "M14.5 5.5 8 12l6.5 6.5",
  branch: "M7 4v16M7 15c0-5 10-3 10-8.5M14.5 8.5 17 6l2.5 2.5",
  brush: "M4 20c3 0 5-.8 5-3.2A2.8 2.8 0 0 0 4.6 15C3.4 16.6 5 18.4 4 20M9 15.5 18.5 4.5c1-1 2.7.4 1.8 1.6L11 17",
  check: "m5 12.5 4.5 4.5L19 7",
  close: "m6 6 12 12M18 6 6 18",
  compare: "M4 5h6.5v14H4zM13.5 5H20v14h-6.5z",
  down: "m6 9.5 6 6 6-6",
  download: "M12 4v11M7.5 10.5 12 15l4.5-4.5M5 19.5h14",
  drag: "M9 6v.01M15 6v.01M9 12v.01M15 12v.01M9 18v.01M15 18v.01",
  erase: "m8.5 19-4-4a1.5 1.5 0 0 1 0-2L13 4.5a1.5 1.5 0 0 1 2 0L19.5 9a1.5 1.5 0 0 1 0 2l-8 8zM9 8.5l6.5 6.5M8 19h12",
  fit: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  go: "M8 5.5v13L18.5 12z",
  hand: "M8 12V6.5a1.5 1.5 0 0 1 3 0V11M11 10.5V5a1.5 1.5 0 0 1 3 0v6M14 11V6.5a1.5 1.5 0 0 1 3 0V14c0 4-2 6.5-5.5 6.5S6.5 18.5 5 15l-1-2.3c-.6-1.4 1.3-2.3 2.2-1.1L8 14",
  help: "M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 17.5v.01",
  lasso: "M7 15c-2-1-3.2-2.6-3.2-4.3C3.8 7.5 7.5 5 12 5s8.2 2.5 8.2 5.7-3.7 5.6-8.2 5.6c-1 0-2-.1-2.9-.3M7 13.5a1.9 1.9 0 1 1 0 3.8 1.9 1.9 0 0 1 0-3.8M7 17.3c.3 1.5-.2 2.7-1.5 3.7",
  lock: "M6.5 11h11v8.5h-11zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  minus: "M6 12h12",
  moon: "M19 14.5A7.5 7.5 0 0 1 9.5 5a7.5 7.5 0 1 0 9.5 9.5",
  more: "M6 12v.01M12 12v.01M18 12v.01",
  pause: "M8.5 5.5v13M15.5 5.5v13",
  pin: "M9 4h6l-1 6 3 3H7l3-3zM12 13v7",
  plus: "M12 5.5v13M5.5 12h13",
  pointer: "m6 4 4.2 15 2.6-6 6.2-2.4z",
  redo: "M15 5.5 19 9.5l-4 4M19 9.5H9.5a5 5 0 0 0 0 10H12",
  report: "M6 4h8.5L18 7.5V20H6zM9 11h6M9 14.5h6",
  search: "M10.5 5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11M14.5 14.5 19.5 19.5",
  side: "M4 5h16v14H4zM14.5 5v14",
  star: "m12 4 2.4 5.2 5.6.6-4.2 3.8 1.2 5.6-5-2.9-5 2.9 1.2-5.6L4 9.8l5.6-.6z",
  step: "M6.5 5.5v13L15 12zM18 5.5v13",
  stop: "M6.5 6.5h11v11h-11z",
  sun: "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8M12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M5.6 18.4l1.1-1.1M17.3 6.7l1.1-1.1",
  theme: "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16M12 4v16M12 8.5h3.7M12 12h4M12 15.5h3.7",
  trash: "M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.5 10.5v6M13.5 10.5v6",
  undo: "M9 5.5 5 9.5l4 4M5 9.5h9.5a5 5 0 0 1 0 10H12",
  unlock: "M6.5 11h11v8.5h-11zM8.5 11V8a3.5 3.5 0 0 1 6.8-1.2",
  up: "m6 14.5 6-6 6 6",
};
const FILLED = new Set(["go", "stop"]);

/** An icon that says nothing by itself: what it stands on has the words. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", FILLED.has(name) ? "icon filled" : "icon");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
