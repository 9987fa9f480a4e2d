// Up to five stars: a slider for the keyboard, five places for a pointer.

import {el} from "./element.js";
import {icon} from "./icons.js";
import {t} from "./text.js";

/** `change(stars)` is called with what was chosen; the element's `show(stars)` sets them. */
export function starSlider(stars, change) {
  const places = [1, 2, 3, 4, 5].map((n) => el("span", {class: "star-place", data: {stars: n}}, icon("star")));
  const slider = el("span", {
    class: "stars", role: "slider", tabindex: "0", "aria-label": t("stars"), "aria-valuemin": "0", "aria-valuemax": "5",
    onclick: (event) => {
      const place = event.target.closest(".star-place");
      // The star that is there takes itself back.
      if (place) set(Number(place.dataset.stars) === stars ? 0 : Number(place.dataset.stars));
    },
    onkeydown: (event) => {
      const to = {ArrowRight: stars + 1, ArrowUp: stars + 1, ArrowLeft: stars - 1, ArrowDown: stars - 1, Home: 0, End: 5}[event.key];
      if (to === undefined) return;
      event.preventDefault();
      if (to >= 0 && to <= 5) set(to);
    },
  }, places);

  function set(n) {
    slider.show(n);
    change(n);
  }

  slider.show = (n) => {
    stars = n;
    places.forEach((place, i) => place.classList.toggle("on", i < n));
    slider.setAttribute("aria-valuenow", n);
    slider.setAttribute("aria-valuetext", t("stars.of", {n}));
  };
  slider.show(stars);
  return slider;
}
