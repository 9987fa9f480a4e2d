// Elements of the page. Data reaches it as text and as attributes, never as HTML.

const PROPERTIES = new Set(["checked", "disabled", "hidden", "indeterminate", "selected", "open", "htmlFor"]);

/**
 * An element: `class`, `style` (an object), `data` (an object), listeners as `onclick`, properties as `value`, and
 * attributes; children are elements or texts, and what is null or false is left out.
 */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  // A range has to know its bounds before its value, and a list its choices.
  const {value, ...others} = attributes;
  for (const [key, given] of Object.entries(others)) {
    if (given === null || given === undefined) continue;
    // States of ARIA are words: what is false is said.
    if (key.startsWith("aria-")) element.setAttribute(key, given);
    else if (given === false) continue;
    else if (key === "style") restyle(element, given);
    else if (key === "data") Object.assign(element.dataset, given);
    else if (key.startsWith("on")) element.addEventListener(key.slice(2), given);
    else if (PROPERTIES.has(key)) element[key] = given;
    else element.setAttribute(key, given === true ? "" : given);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  if (value !== undefined && value !== null) element.value = value;
  return element;
}

export function restyle(element, styles) {
  for (const [property, value] of Object.entries(styles)) element.style.setProperty(property, value);
}

/** Puts children in the place of what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Changes a text only where it differs, so that nothing is read out twice. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** The function called once things have been quiet for so many ms; `now()` calls it at once if it is due. */
export function debounced(call, ms) {
  let timer = 0;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(later.now, ms);
  };
  later.now = () => {
    if (!timer) return;
    clearTimeout(timer);
    timer = 0;
    call();
  };
  return later;
}
