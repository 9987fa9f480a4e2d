// A version that is open: what is known of it, and what is asked of it, one thing after another.

import {get, post, versionPath} from "./api.js";
import {cards} from "./cards.js";
import {live} from "./live.js";

/** Events: `card`, `document` when those have changed, `effect` with what an action did, `moved` with another id to show. */
export class Version extends EventTarget {
  #queue = Promise.resolve();
  #ends;
  card;
  document;
  resolved;
  summary;
  /** The loss of the steps so far, some of them where they are many. */
  losses = [];

  constructor(id) {
    super();
    this.id = id;
    this.#ends = [
      live.on("card", ({card}) => {
        if (card.id !== id) return;
        const ended = this.card?.state !== card.state && card.state === "done";
        this.card = card;
        this.#tell("card");
        if (ended) this.load();
      }),
      live.on("document", (message) => {
        if (message.id === id && JSON.stringify(message.document) !== JSON.stringify(this.document)) this.load();
      }),
      live.on("found", ({again}) => again && this.load()),
    ];
  }

  async load() {
    const {document, resolved, summary, losses, ...card} = await get(versionPath(this.id));
    Object.assign(this, {document, resolved, summary, losses, card});
    this.#tell("card");
    this.#tell("document");
  }

  /**
   * Does something with it: {action, …}. Requests are sent in the order in which they were asked for.
   *
   * Raises ApiError.
   */
  act(request) {
    return this.#inTurn(() => this.#act(request));
  }

  /** "undo" or "redo", if there is something to once all is done that was asked for before. */
  back(action) {
    return this.#inTurn(() => (this.document[action] ? this.#act({action}) : null));
  }

  change(changes) {
    return this.act({action: "change", changes});
  }

  #inTurn(call) {
    const asked = this.#queue.then(call);
    this.#queue = asked.catch(() => {});
    return asked;
  }

  async #act(request) {
    const done = await post(versionPath(this.id, "act"), request);
    if (done.id !== this.id) {
      cards.put(done.card);
      this.#tell("moved", done);
      return done;
    }
    this.card = done.card;
    this.document = done.document;
    if (["change", "undo", "redo", "hands"].includes(request.action)) {
      ({resolved: this.resolved} = await get(versionPath(this.id)));
    }
    this.#tell("card");
    this.#tell("document");
    this.#tell("effect", done);
    return done;
  }

  on(type, listener) {
    const heard = (event) => listener(event.detail);
    this.addEventListener(type, heard);
    return () => this.removeEventListener(type, heard);
  }

  end() {
    this.#ends.forEach((end) => end());
  }

  #tell(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, {detail}));
  }
}
