// A part of the sheet, painted with a brush, and what it is given to: a term of the objective, or a look of its own.

import {catalogue, upload} from "./api.js";
import {openDialog} from "./dialog.js";
import {el} from "./element.js";
import {iconButton} from "./header.js";
import {icon} from "./icons.js";
import {lookPicture} from "./look_picture.js";
import {attempt, say} from "./notices.js";
import {wordsOf} from "./schema.js";
import {t} from "./text.js";

// px of the mask's long side; mm of the brush.
const LONG_SIDE = 1024, LEAST = 2, MOST = 80, FIRST = 16;

/** What is painted, as strokes of the brush in mm; drawn as a mask when it is needed. */
export class Region {
  size = FIRST;
  erases = false;
  changed = () => {};
  #strokes = [];
  #at = null;
  #sheet;

  constructor(sheet) {
    this.#sheet = sheet;
    this.tool = {
      down: (x, y) => {
        this.#strokes.push({size: this.size, erases: this.erases, points: [[x, y]]});
        this.#at = [x, y];
        this.changed();
      },
      move: (x, y) => {
        this.#strokes[this.#strokes.length - 1]?.points.push([x, y]);
        this.#at = [x, y];
        this.changed();
      },
      cancel: () => this.takeBack(),
      hover: (x, y) => {
        this.#at = [x, y];
        this.changed();
      },
      leave: () => {
        this.#at = null;
        this.changed();
      },
    };
  }

  get isEmpty() {
    return !this.#strokes.some((stroke) => !stroke.erases);
  }

  takeBack() {
    this.#strokes.pop();
    this.changed();
  }

  clear() {
    this.#strokes = [];
    this.changed();
  }

  /** Over the sheet, in mm: what is painted, and the brush. */
  draw(context, color) {
    const layer = this.#mask(color, Math.min(2, this.#sheet.view.scale * this.#sheet.ratio)), [width, height] = this.#sheet.view.paper;
    context.globalAlpha = 0.3;
    context.drawImage(layer, 0, 0, width, height);
    context.globalAlpha = 1;
    if (!this.#at) return;
    context.beginPath();
    context.arc(...this.#at, this.size / 2, 0, 7);
    context.strokeStyle = color;
    context.lineWidth = 1.5 / this.#sheet.view.scale;
    context.stroke();
  }

  /** [left, top, right, bottom] of what is painted, in mm of the sheet. */
  box() {
    const canvas = this.#mask("#fff", 1), {width, height} = canvas;
    const {data} = canvas.getContext("2d").getImageData(0, 0, width, height), [paperWidth, paperHeight] = this.#sheet.view.paper;
    let [left, top, right, bottom] = [width, height, -1, -1];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if (data[4 * (y * width + x) + 3] < 128) continue;
        [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
      }
    }
    const mm = (px, all, paper) => Math.round((10 * px * paper) / all) / 10;
    return [mm(left, width, paperWidth), mm(top, height, paperHeight), mm(right + 1, width, paperWidth), mm(bottom + 1, height, paperHeight)];
  }

  /** White on black, as large as the sheet. */
  sheetMask() {
    const [width, height] = this.#sheet.view.paper;
    return this.#onBlack(LONG_SIDE / Math.max(width, height), width, height, (context, mask) => context.drawImage(mask, 0, 0, width, height));
  }

  /** White on black, as large as a picture that lies within the margins of the sheet, cut off (`cover`) or all of it. */
  pictureMask(picture, margin, fit) {
    const [paperWidth, paperHeight] = this.#sheet.view.paper, across = paperWidth - 2 * margin, down = paperHeight - 2 * margin;
    const zoom = Math[fit === "contain" ? "min" : "max"](across / picture.width, down / picture.height);
    const width = picture.width * zoom, height = picture.height * zoom;
    return this.#onBlack(LONG_SIDE / Math.max(width, height), width, height, (context, mask) =>
      context.drawImage(mask, (width - paperWidth) / 2, (height - paperHeight) / 2, paperWidth, paperHeight));
  }

  #onBlack(scale, width, height, lay) {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Math.round(width * scale), Math.round(height * scale)];
    const context = canvas.getContext("2d");
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.scale(scale, scale);
    lay(context, this.#mask("#fff", scale));
    return new Promise((done) => canvas.toBlob(done, "image/png"));
  }

  #mask(color, scale) {
    const [width, height] = this.#sheet.view.paper, canvas = document.createElement("canvas");
    const k = Math.min(scale, LONG_SIDE / Math.max(width, height));
    [canvas.width, canvas.height] = [Math.max(1, Math.round(width * k)), Math.max(1, Math.round(height * k))];
    const context = canvas.getContext("2d");
    context.setTransform(k, 0, 0, k, 0, 0);
    context.lineCap = context.lineJoin = "round";
    context.strokeStyle = color;
    for (const {size, erases, points} of this.#strokes) {
      context.globalCompositeOperation = erases ? "destination-out" : "source-over";
      context.lineWidth = size;
      context.beginPath();
      context.moveTo(...points[0]);
      for (const point of points) context.lineTo(...point);
      if (points.length === 1) context.lineTo(points[0][0] + 0.001, points[0][1]);
      context.stroke();
    }
    return canvas;
  }
}

/** The brush's size, and the ways to use what is painted. */
export function regionBar(version, region, done) {
  const erase = iconButton("erase", t("region.erase"), () => {
    region.erases = !region.erases;
    erase.setAttribute("aria-pressed", region.erases);
  }, {"aria-pressed": "false"});
  const size = el("input", {type: "range", min: LEAST, max: MOST, value: FIRST, "aria-label": t("region.size"), oninput: () => {
    region.size = Number(size.value);
    region.changed();
  }});
  return el("div", {class: "float-bar region-bar", hidden: true, role: "group", "aria-label": t("tool.brush")},
    el("span", {class: "brush-size"}, size), erase, iconButton("undo", t("region.back"), () => region.takeBack()),
    el("button", {type: "button", class: "button primary small", onclick: () => (region.isEmpty ? say(t("region.empty")) : useDialog(version, region, done))}, t("region.use")),
    iconButton("close", t("region.done"), () => {
      region.clear();
      done();
    }));
}

async function useDialog(version, region, done) {
  const shop = await attempt(catalogue);
  if (!shop) return;
  const {resolved} = version, terms = Array.isArray(resolved.objective) ? resolved.objective : [];
  const aimed = terms.map((term, i) => [term, i]).filter(([term]) => "mask" in term || "region" in term);
  const photograph = terms.findIndex((term) => term.type === "image");
  const outside = el("input", {type: "checkbox"});
  const chosen = el("div", {class: "uses"});

  /** Closes, does it, and puts the brush away. */
  const use = (make) => async () => {
    dialog.close();
    const finished = await attempt(async () => {
      await version.change(await make());
      return true;
    });
    if (!finished) return;
    region.clear();
    done();
    say(t("region.given"));
  };
  const paint = async (blob) => `pictures/${(await upload(await blob, "region.png")).name}`;
  const photographMask = async () => {
    const {file, fit} = terms[photograph], picture = await sizeOf(file);
    return paint(region.pictureMask(picture, millimetres(resolved.page.margin), fit));
  };
  const entry = (title, words, make, picture = null) => el("button", {type: "button", class: "use", onclick: use(make)}, picture ?? icon("brush"), el("span", {}, el("strong", {}, title), el("span", {class: "soft"}, words)));

  for (const [term, i] of aimed) {
    const name = [wordsOf(term.type), term.class ?? term.prompt ?? ""].filter(Boolean).join(" · ");
    if (term.type === "image") {
      chosen.append(entry(t("region.photograph"), t("region.photograph.help"), async () => [[`objective.${i}.mask`, await photographMask()]]));
    } else if ("mask" in term) {
      chosen.append(entry(t("region.term", {name}), t("region.term.help"), async () => [
        [`objective.${i}.mask`, await paint(region.sheetMask())], [`objective.${i}.region`, null], [`objective.${i}.outside`, outside.checked ? true : null],
      ]));
    } else {
      chosen.append(entry(t("region.term", {name}), t("region.box.help"), async () => [[`objective.${i}.region`, region.box()]]));
    }
  }
  const looks = resolved.look && photograph >= 0 && el("div", {}, el("h3", {}, t("region.look")), el("p", {class: "soft"}, t("region.look.help")),
    el("div", {class: "looks small"}, shop.looks.filter((look) => look.name !== "free").map((look) => el("button", {
      type: "button", class: "look", onclick: use(async () => [["look.regions", [...(version.document.config.look?.regions ?? []), {type: look.name, mask: await photographMask()}]]]),
    }, lookPicture(look.name), el("strong", {}, look.name)))));
  const dialog = openDialog(t("region.use.title"), chosen,
    aimed.some(([term]) => "outside" in term) && el("label", {class: "check"}, outside, t("region.outside")),
    looks, !chosen.children.length && !looks && el("p", {class: "soft"}, t("region.nobody")));
}

const millimetres = (length) => Number.parseFloat(length);

/** The size of the photograph that a config names: of its picture here, of which only the shape counts. */
function sizeOf(file) {
  const image = new Image();
  image.src = `/api/pictures/${encodeURIComponent(file.split("/").pop())}`;
  return image.decode().then(() => ({width: image.naturalWidth, height: image.naturalHeight}), () => {
    throw new Error(t("region.no-picture", {name: file}));
  });
}
