// Short messages at the page's foot, read out by screen readers; what went wrong stays until it is put away.

import {el} from "./element.js";
import {icon} from "./icons.js";
import {t} from "./text.js";

const STAYS_MS = 6000;

/** Says something; `action` is {words, act}: a button with it, as to take a thing back. */
export function say(message, {action = null, error = false} = {}) {
  const place = document.getElementById("notices");
  // What is said already is said no second time, only for longer.
  [...place.children].find((one) => one.firstChild.textContent === message)?.remove();
  const notice = el("div", {class: error ? "notice error" : "notice"}, el("p", {}, message));
  const away = () => notice.remove();
  if (action) {
    notice.append(el("button", {type: "button", class: "text-button", onclick: () => {
      away();
      action.act();
    }}, action.words));
  }
  notice.append(el("button", {type: "button", class: "icon-button small", "aria-label": t("close"), onclick: away}, icon("close")));
  place.append(notice);
  while (place.children.length > 3) place.firstChild.remove();
  if (!error) setTimeout(away, STAYS_MS);
}

export const sayError = (error) => say(error.message, {error: true});

/** Does something of the server's, and says what it refuses. Gives undefined then. */
export async function attempt(call) {
  try {
    return await call();
  } catch (error) {
    sayError(error);
    return undefined;
  }
}
