// The report's replay of a finished plot, over the sheet.

import {getText, versionPath} from "./api.js";
import {el} from "./element.js";
import {iconButton} from "./header.js";
import {t} from "./text.js";

/** Opens it; gives the function that closes it, which calls `closed`. */
export async function openReplay(stage, id, closed) {
  const html = await getText(versionPath(id, "player"));
  // The fragment is the server's own, and holds no script that could run. Its styles are set from here, as the page
  // allows none in attributes.
  const {body} = new DOMParser().parseFromString(html.replaceAll(" style=", " data-style="), "text/html");
  const player = document.importNode(body.querySelector(".player"), true);
  for (const element of [player, ...player.querySelectorAll("[data-style]")]) {
    element.style.cssText = element.dataset.style ?? "";
    delete element.dataset.style;
  }
  const place = el("div", {class: "replay", role: "region", "aria-label": t("replay")}, iconButton("close", t("replay.close"), close), player);
  stage.after(place);
  stage.hidden = true;
  const end = plotart.player(player);
  player.querySelector(".play").focus({preventScroll: true});
  player.querySelector(".play").click();
  place.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    close();
  });

  function close() {
    if (!place.isConnected) return;
    end();
    place.remove();
    stage.hidden = false;
    closed();
  }
  return close;
}
