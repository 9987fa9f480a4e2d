// Photographs dropped or pasted anywhere on the page.

import {studio, upload} from "./api.js";
import {el} from "./element.js";
import {say, sayError} from "./notices.js";
import {beginAddress, go} from "./routes.js";
import {t} from "./text.js";

let taker = null, waiting = null;

/** The view that is open takes pictures itself, until the function that this returns is called. */
export function takePictures(take) {
  taker = take;
  if (waiting) take(waiting);
  waiting = null;
  return () => {
    if (taker === take) taker = null;
  };
}

/** Uploads a file, if it can be; gives undefined if not, and says why. */
export async function uploadPicture(file) {
  try {
    const {limits} = await studio();
    if (file.size > limits.upload) {
      say(t("picture.large", {n: Math.floor(limits.upload / 1e6)}), {error: true});
      return undefined;
    }
    return await upload(file, file.name || "picture.png");
  } catch (error) {
    sayError(error);
    return undefined;
  }
}

async function take(file) {
  if (!file) return;
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
  const veil = el("div", {class: "drop-veil", hidden: true}, el("p", {}, t("picture.drop-here")));
  document.body.append(veil);
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  let leaving = 0;
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    clearTimeout(leaving);
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
  const input = el("input", {type: "file", accept: "image/*", class: "visually-hidden", tabindex: "-1", "aria-hidden": "true", onchange: async () => {
    const [file] = input.files;
    input.value = "";
    const picture = file && (await uploadPicture(file));
    if (picture) take(picture);
  }});
  return el("span", {}, el("button", {type: "button", class: "button", ...attributes, onclick: () => input.click()}, words), input);
}
