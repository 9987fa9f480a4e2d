// All versions, as far as the wall shows them, kept up to date.

import {get} from "./api.js";
import {live} from "./live.js";

/** Events: `card` with a card that is new or has changed, `gone` with an id, `all` when all were read anew. */
class Cards extends EventTarget {
  #cards = new Map();

  constructor() {
    super();
    live.on("card", ({card}) => this.put(card));
    live.on("gone", ({id}) => {
      this.#cards.delete(id);
      this.#tell("gone", id);
    });
  }

  async load() {
    const {versions} = await get("/api/versions");
    this.#cards = new Map(versions.map((card) => [card.id, card]));
    this.#tell("all", null);
  }

  put(card) {
    this.#cards.set(card.id, card);
    this.#tell("card", card);
  }

  get all() {
    return [...this.#cards.values()];
  }

  find(id) {
    return this.#cards.get(id);
  }

  on(type, listener) {
    const heard = (event) => listener(event.detail);
    this.addEventListener(type, heard);
    return () => this.removeEventListener(type, heard);
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, {detail}));
  }
}

export const cards = new Cards();
