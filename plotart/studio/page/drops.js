// Photographs dropped or pasted anywhere on the page.

import {studio, upload} from "./api.js";
import {el, setText} from "./element.js";
import {say, sayError} from "./notices.js";
import {beginAddress, go} from "./routes.js";
import {t} from "./text.js";

let taker = null, waiting = null, reader = null;

/** The view that is open takes pictures itself, until the function that this returns is called. */
export function takePictures(take) {
  taker = take;
  if (waiting) take(waiting);
  waiting = null;
  return () => {
    if (taker === take) taker = null;
  };
}

/** Photographs of paper, dropped or pasted, go to `read` as they are, until the function that this returns is called. */
export function takeFiles(read) {
  reader = read;
  return () => {
    if (reader === read) reader = null;
  };
}

/** Whether a file is not too large to be sent; says so if it is. */
async function fits(file) {
  const {limits} = await studio();
  if (file.size <= limits.upload) return true;
  say(t("picture.large", {n: Math.floor(limits.upload / 1e6)}), {error: true});
  return false;
}

/** Uploads a file, if it can be; gives undefined if not, and says why. */
export async function uploadPicture(file) {
  try {
    return (await fits(file)) ? await upload(file, file.name || "picture.png") : undefined;
  } catch (error) {
    sayError(error);
    return undefined;
  }
}

async function take(file) {
  if (!file) return;
  if (reader) {
    if (await fits(file)) reader(file);
    return;
  }
  const picture = await uploadPicture(file);
  if (!picture) return;
  if (taker) taker(picture);
  else {
    waiting = picture;
    go(beginAddress);
  }
}

const pictureOf = (transfer) => [...(transfer?.files ?? [])].find((file) => file.type.startsWith("image/"));

export function acceptDrops() {
  const words = el("p", {}), veil = el("div", {class: "drop-veil", hidden: true}, words);
  document.body.append(veil);
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  let leaving = 0;
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    clearTimeout(leaving);
    setText(words, t(reader ? "picture.drop-paper" : "picture.drop-here"));
    veil.hidden = false;
  });
  document.addEventListener("dragleave", () => {
    clearTimeout(leaving);
    leaving = setTimeout(() => (veil.hidden = true), 120);
  });
  document.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    veil.hidden = true;
    const file = pictureOf(event.dataTransfer);
    if (file) take(file);
    else say(t("picture.none"), {error: true});
  });
  document.addEventListener("paste", (event) => {
    if (!event.target.closest?.("input, textarea")) take(pictureOf(event.clipboardData));
  });
}

/** A button that asks for a picture's file. */
export function pictureButton(words, take, attributes = {}) {
  return fileButton(words, async (file) => {
    const picture = await uploadPicture(file);
    if (picture) take(picture);
  }, attributes);
}

/** A button that asks for a photograph of paper, which `read` has as it is. */
export function photographButton(words, read) {
  return fileButton(words, async (file) => {
    if (await fits(file)) read(file);
  });
}

function fileButton(words, take, attributes = {}) {
  const input = el("input", {type: "file", accept: "image/*", class: "visually-hidden", tabindex: "-1", "aria-hidden": "true", onchange: () => {
    const [file] = input.files;
    input.value = "";
    if (file) take(file);
  }});
  return el("span", {}, el("button", {type: "button", class: "button", ...attributes, onclick: () => input.click()}, words), input);
}
