// The studio's page: the view that the address asks for, and what is there in all of them.

import {openBegin} from "./begin.js";
import {cards} from "./cards.js";
import {openCompare} from "./compare.js";
import {acceptDrops} from "./drops.js";
import {openEasel} from "./easel.js";
import {el, setText} from "./element.js";
import {listenToKeys} from "./keys.js";
import {live} from "./live.js";
import {attempt} from "./notices.js";
import {readAddress, wallAddress} from "./routes.js";
import {t} from "./text.js";
import {applyTheme} from "./theme.js";
import {openWall} from "./wall.js";

const VIEWS = {"": openWall, new: openBegin, v: openEasel, compare: openCompare};
const page = document.getElementById("page"), gone = document.getElementById("gone");
let leave = null, turn = 0;

/** Views are functions of the place and the address's values; each gives a function that ends it. */
async function show() {
  const [name, ...values] = readAddress(location.hash), mine = ++turn;
  leave?.();
  leave = null;
  const place = document.createElement("div");
  place.className = "view";
  page.replaceChildren(place);
  document.title = t("title");
  const ended = await attempt(() => (VIEWS[name] ?? openWall)(place, ...values));
  if (!ended) place.replaceChildren(el("main", {class: "wall-empty"}, el("h2", {}, t("not-here")), el("a", {class: "button", href: wallAddress}, t("to-wall"))));
  // Somebody went on while this one was being opened.
  if (mine !== turn) ended?.();
  else leave = ended ?? null;
}

live.on("lost", () => {
  gone.hidden = false;
  setText(gone, t("gone"));
});
live.on("found", ({again}) => {
  gone.hidden = true;
  if (again) attempt(() => cards.load());
});

applyTheme();
listenToKeys();
acceptDrops();
live.connect();
addEventListener("hashchange", show);
await show();
