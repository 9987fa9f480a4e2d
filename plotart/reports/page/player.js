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

/**
 * Replays a plot: the drawing's SVG gives the lines, a list of times when each of them is drawn. A canvas for each
 * pen keeps what it has drawn, so that a frame draws only what is new, and pens are hidden and shown at once.
 *
 * @param {Element} player what player.html makes, in the page
 * @returns {Function} ends the replay and lets go of the page
 */
plotart.player = function (player) {
  const find = (selector) => player.querySelector(selector);
  const sheet = find(".sheet"), view = find(".drawing").viewBox.baseVal, groups = [...player.querySelectorAll(".layer")];
  const nib = find(".nib"), slider = find(".slider"), playButton = find(".play"), speed = find(".speed");
  const moves = find(".moves input"), elapsed = find(".elapsed"), veil = find(".veil");
  const penName = find(".pen-name"), penDot = find(".pen-now .swatch"), lineCount = find(".line-count");
  const {total, layers: times} = JSON.parse(find("script").textContent);
  const {takePen: take, wipe} = plotart;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  // Points that a frame may draw, while the pen moves and when the drawing has to catch up with the slider; pixels
  // that all of the canvases together may have.
  const MOVING = 6000, CATCHING_UP = 24000, PIXELS = 4e7;
  const FIT_SECONDS = 30;

  const pens = groups.map((group) => ({
    color: group.getAttribute("stroke"), width: Number(group.getAttribute("stroke-width")),
    blend: group.classList.contains("multiply") ? "multiply" : "source-over", pen: group.dataset.pen,
    name: group.dataset.name, opacity: Number(group.getAttribute("stroke-opacity") ?? 1),
  }));
  const lines = readLines();
  const planes = makePlanes();
  const air = {canvas: canvasIn(sheet), drawn: 0}, wet = {canvas: canvasIn(sheet), drawn: false};
  let now = total, playing = false, before = 0, asked = false, scale = 1, ratio = 1;

  /** Lines in plotting order: points x, y, x, y… in 0.01 mm, and the ms at which the pen lands and lifts. */
  function readLines() {
    const found = [];
    let clock = 0;
    groups.forEach((group, layer) => {
      [...group.children].forEach((path, index) => {
        const land = clock + times[layer][2 * index], lift = land + times[layer][2 * index + 1];
        found.push({layer, land, lift, points: readPoints(path.getAttribute("d"))});
        clock = lift;
      });
    });
    return found;
  }

  /** A path's data is its first point and the steps from each point to the next. */
  function readPoints(data) {
    const numbers = data.match(/-?\d+/g), points = new Int32Array(numbers.length);
    for (let i = 0; i < numbers.length; i++) points[i] = Number(numbers[i]) + (i > 1 ? points[i - 2] : 0);
    return points;
  }

  function canvasIn(parent) {
    const canvas = document.createElement("canvas");
    canvas.setAttribute("aria-hidden", "true");
    parent.insertBefore(canvas, nib);
    return canvas;
  }

  /** A canvas for all that a pen draws before another takes its place: lines `first` to `last`, `drawn` of them. */
  function makePlanes() {
    const found = [];
    lines.forEach((line, index) => {
      const {pen, blend} = pens[line.layer];
      let plane = found[found.length - 1];
      if (!plane || plane.pen !== pen) {
        plane = {pen, blend, first: index, last: index, drawn: 0, canvas: canvasIn(sheet)};
        plane.canvas.style.mixBlendMode = blend === "multiply" ? blend : "normal";
        found.push(plane);
      }
      plane.last = index + 1;
    });
    return found;
  }

  const isShown = (pen) => !groups[pens.findIndex((other) => other.pen === pen)].classList.contains("hidden");

  /** How many lines are finished at a time. */
  function finished(time) {
    let low = 0, high = lines.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (lines[middle].lift <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function lengthsOf(line) {
    if (!line.lengths) {
      const {points} = line;
      line.lengths = new Float64Array(points.length / 2);
      for (let i = 1; i < line.lengths.length; i++) {
        const step = Math.hypot(points[2 * i] - points[2 * i - 2], points[2 * i + 1] - points[2 * i - 1]);
        line.lengths[i] = line.lengths[i - 1] + step;
      }
    }
    return line.lengths;
  }

  /** Draws a line up to a share of its length; gives the point where the pen is. */
  function drawLine(context, line, share = 1) {
    const {points} = line, end = points.length - 2;
    context.beginPath();
    context.moveTo(points[0], points[1]);
    let x = points[end], y = points[end + 1], whole = end / 2;
    if (share < 1) {
      const lengths = lengthsOf(line), reach = share * lengths[whole];
      for (whole = 0; lengths[whole + 1] <= reach && whole < end / 2 - 1; whole++);
      const step = lengths[whole + 1] - lengths[whole], part = step ? (reach - lengths[whole]) / step : 0;
      x = points[2 * whole] + part * (points[2 * whole + 2] - points[2 * whole]);
      y = points[2 * whole + 1] + part * (points[2 * whole + 3] - points[2 * whole + 1]);
    }
    for (let i = 1; i <= whole; i++) context.lineTo(points[2 * i], points[2 * i + 1]);
    // A canvas draws no line without any length, but a dot is to be seen.
    context.lineTo(x + (x === points[0] && y === points[1] ? 0.1 : 0), y);
    context.stroke();
    return [x, y];
  }

  function contextOf(canvas) {
    const context = canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.lineCap = context.lineJoin = "round";
    return context;
  }

  /** Draws a plane's lines up to `goal` as far as `budget` points go; gives what is left of the budget. */
  function drawPlane(plane, goal, budget) {
    if (goal < plane.drawn) {
      wipe(plane.canvas);
      plane.drawn = 0;
    }
    if (goal === plane.drawn || budget <= 0) return budget;
    const context = contextOf(plane.canvas);
    for (; plane.drawn < goal && budget > 0; plane.drawn++) {
      const line = lines[plane.first + plane.drawn];
      take(context, pens[line.layer]);
      drawLine(context, line);
      budget -= line.points.length / 2;
    }
    return budget;
  }

  /** Corners of the way in the air to line `index`: each pen begins and ends at the page's corner. */
  function wayTo(index) {
    const last = lines[index - 1], next = lines[index], way = [];
    if (last) way.push([last.points[last.points.length - 2], last.points[last.points.length - 1]]);
    if (!last || !next || next.layer !== last.layer) way.push([0, 0]);
    if (next) way.push([next.points[0], next.points[1]]);
    return way;
  }

  function pointOn(way, share) {
    const steps = way.slice(1).map(([x, y], i) => Math.hypot(x - way[i][0], y - way[i][1]));
    let rest = share * steps.reduce((sum, step) => sum + step, 0), i = 0;
    for (; i < steps.length - 1 && rest > steps[i]; i++) rest -= steps[i];
    const part = steps[i] ? Math.min(rest / steps[i], 1) : 0, [from, to] = [way[i], way[i + 1] ?? way[i]];
    return [from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1])];
  }

  function dashed(context) {
    const px = ratio / scale;
    context.strokeStyle = getComputedStyle(sheet).getPropertyValue("--pencil");
    context.lineWidth = px;
    context.lineCap = "butt";
    context.setLineDash([3 * px, 3 * px]);
    context.globalCompositeOperation = "source-over";
  }

  function drawWay(context, way) {
    context.beginPath();
    for (const [x, y] of way) context.lineTo(x, y);
    context.stroke();
  }

  function drawAir(goal) {
    if (goal < air.drawn) {
      wipe(air.canvas);
      air.drawn = 0;
    }
    if (!moves.checked || goal === air.drawn) return;
    const context = contextOf(air.canvas);
    dashed(context);
    for (; air.drawn < goal; air.drawn++) {
      if (isShown(pens[lines[air.drawn].layer].pen)) drawWay(context, wayTo(air.drawn));
    }
  }

  /** What the pen is at: the line that it draws, or the way to the next; and the pen itself. */
  function drawPen(done) {
    const line = lines[Math.min(done, lines.length - 1)], pen = pens[line.layer];
    const down = done < lines.length && now >= line.land, shown = isShown(pen.pen);
    if (wet.drawn) wipe(wet.canvas);
    wet.drawn = shown && (down || moves.checked);
    wet.canvas.style.mixBlendMode = down && pen.blend === "multiply" ? "multiply" : "normal";
    const context = contextOf(wet.canvas);
    let at;
    if (down && shown) {
      context.setLineDash([]);
      take(context, pen);
      at = drawLine(context, line, (now - line.land) / (line.lift - line.land));
    } else if (!down) {
      const from = done ? lines[done - 1].lift : 0, to = done < lines.length ? line.land : total;
      const share = to > from ? (now - from) / (to - from) : 1;
      const way = wayTo(done);
      // It gathers speed and slows down again.
      at = pointOn(way, share * share * (3 - 2 * share));
      if (moves.checked && shown) {
        dashed(context);
        drawWay(context, way.length > 2 ? [way[0], at] : [...way.slice(0, 1), at]);
      }
    }
    nib.hidden = !at || !shown || now >= total;
    if (!nib.hidden) {
      const px = scale / ratio;
      nib.style.transform = `translate(${at[0] * px}px, ${at[1] * px}px)`;
      nib.style.setProperty("--ink", pen.color);
      nib.classList.toggle("up", !down);
    }
    return [pen, down];
  }

  function setText(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function clock(ms) {
    const all = Math.floor(ms / 1000 + 1e-6), hours = Math.floor(all / 3600), two = (n) => String(n).padStart(2, "0");
    const minutes = Math.floor(all / 60) % 60;
    return hours ? `${hours}:${two(minutes)}:${two(all % 60)}` : `${minutes}:${two(all % 60)}`;
  }

  function tell(done, pen, down) {
    const count = lines.length.toLocaleString("en"), atEnd = now >= total;
    slider.value = now;
    veil.style.width = `${100 * (1 - now / total)}%`;
    setText(elapsed, clock(now));
    setText(penName, atEnd ? "Finished" : pen.name);
    penDot.style.background = pen.color;
    penDot.hidden = atEnd;
    const state = isShown(pen.pen) ? (down ? "" : ", pen up") : ", hidden";
    setText(lineCount, atEnd ? `${count} lines` : `line ${Math.min(done + 1, lines.length).toLocaleString("en")} of ${count}${state}`);
    const words = `${clock(now)} of ${clock(total)}, ${penName.textContent}`;
    if (slider.getAttribute("aria-valuetext") !== words) slider.setAttribute("aria-valuetext", words);
    player.dataset.lines = done;
  }

  /** Brings the canvases to the time at hand; false while there is more to draw than a frame has time for. */
  function draw() {
    const done = finished(now);
    let budget = calm.matches ? Infinity : playing ? MOVING : CATCHING_UP;
    for (const plane of planes) {
      const goal = Math.max(0, Math.min(done, plane.last) - plane.first);
      plane.canvas.hidden = !goal || !isShown(plane.pen);
      budget = drawPlane(plane, goal, budget);
    }
    const [pen, down] = drawPen(done);
    drawAir(down ? done + 1 : done);
    tell(done, pen, down);
    return planes.every((plane) => plane.drawn === Math.max(0, Math.min(done, plane.last) - plane.first));
  }

  function frame(stamp) {
    asked = false;
    if (playing) {
      const rate = speed.value === "fit" ? Math.max(1, total / (1000 * FIT_SECONDS)) : Number(speed.value);
      // After a pause of the page itself, as in a hidden tab, the replay goes on from where it was.
      now = Math.min(total, now + Math.min(Math.max(stamp - before, 0), 100) * rate);
      before = stamp;
      if (now >= total) setPlaying(false);
    }
    const complete = draw();
    player.dataset.complete = complete;
    if (playing || !complete) ask();
  }

  function ask() {
    if (!asked) requestAnimationFrame(frame);
    asked = true;
  }

  function setPlaying(on) {
    if (on && now >= total) now = 0;
    playing = on;
    before = performance.now();
    player.dataset.state = on ? "playing" : "paused";
    playButton.setAttribute("aria-label", on ? "Pause" : "Play");
    ask();
  }

  function seek(time) {
    now = Math.min(Math.max(time, 0), total);
    ask();
  }

  function fitCanvases() {
    const zoom = window.visualViewport?.scale ?? 1, {clientWidth: width, clientHeight: height} = sheet;
    const canvases = [...planes, air, wet];
    ratio = Math.min(devicePixelRatio * zoom, Math.sqrt(PIXELS / (canvases.length * width * height)));
    scale = (width * ratio) / view.width;
    for (const {canvas} of canvases) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    for (const plane of [...planes, air]) plane.drawn = 0;
    ask();
  }

  function showPens() {
    for (const box of player.querySelectorAll("[data-toggles]")) {
      for (const group of groups) if (group.dataset.pen === box.dataset.toggles) group.classList.toggle("hidden", !box.checked);
    }
    refreshAir();
  }

  function refreshAir() {
    wipe(air.canvas);
    air.drawn = 0;
    air.canvas.hidden = !moves.checked;
    ask();
  }

  function onKey(event) {
    const onPage = event.target === document.body && sheet.getBoundingClientRect().bottom > 0;
    const inPlayer = event.target === slider || event.target.classList.contains("mat");
    if (!(onPage || inPlayer) || event.altKey || event.ctrlKey || event.metaKey) return;
    const step = total / (event.shiftKey ? 20 : 200);
    const actions = {
      " ": () => setPlaying(!playing),
      ArrowLeft: () => seek(now - step),
      ArrowRight: () => seek(now + step),
      ...(event.target === slider && {ArrowDown: () => seek(now - step), ArrowUp: () => seek(now + step)}),
      ...(event.target === slider && {PageDown: () => seek(now - total / 20), PageUp: () => seek(now + total / 20)}),
      // Elsewhere these two are for the page, which is longer than the player.
      ...(inPlayer && {Home: () => seek(0), End: () => seek(total)}),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  playButton.addEventListener("click", () => setPlaying(!playing));
  slider.addEventListener("input", () => seek(Number(slider.value)));
  moves.addEventListener("change", refreshAir);
  speed.addEventListener("change", ask);
  for (const box of player.querySelectorAll("[data-toggles]")) box.addEventListener("change", showPens);
  for (const choice of player.querySelectorAll("[name=size]")) {
    choice.addEventListener("change", () => player.classList.toggle("real", find("[name=size]:checked").value === "real"));
  }
  document.addEventListener("keydown", onKey);
  const resized = new ResizeObserver(fitCanvases), screen = window.visualViewport;
  resized.observe(sheet);
  let pinched = 0;
  const onPinch = () => {
    clearTimeout(pinched);
    pinched = setTimeout(fitCanvases, 200);
  };
  screen?.addEventListener("resize", onPinch);

  player.classList.add("live");
  player.classList.toggle("real", find("[name=size]:checked").value === "real");
  fitCanvases();
  showPens();
  setPlaying(false);

  return () => {
    playing = false;
    document.removeEventListener("keydown", onKey);
    screen?.removeEventListener("resize", onPinch);
    resized.disconnect();
  };
};

// A worker has no document, and uses the ink alone.
globalThis.document?.querySelectorAll(".player").forEach(plotart.player);
