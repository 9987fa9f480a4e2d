// The websocket: news of all versions, frames of the one that is watched. It comes back by itself when it was lost.

import {readFrame} from "./frame.js";

const FIRST_WAIT = 500, LONGEST_WAIT = 8000;

/** Events: `card`, `gone`, `document`, `note`, `plot`, `sweep` with the message as detail; `frame`; `found`, `lost`. */
class Live extends EventTarget {
  #socket = null;
  #watched = null;
  #wait = FIRST_WAIT;
  #known = false;

  connect() {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => {
      this.#wait = FIRST_WAIT;
      this.#send();
      this.#tell("found", {again: this.#known});
      this.#known = true;
    });
    socket.addEventListener("message", ({data}) => {
      if (data instanceof ArrayBuffer) {
        const frame = readFrame(data);
        if (frame.header.id === this.#watched) this.#tell("frame", frame);
      } else {
        const message = JSON.parse(data);
        this.#tell(message.type, message);
      }
    });
    socket.addEventListener("close", () => {
      this.#socket = null;
      this.#tell("lost");
      setTimeout(() => this.connect(), this.#wait);
      this.#wait = Math.min(2 * this.#wait, LONGEST_WAIT);
    });
    this.#socket = socket;
  }

  /** Whose frames are to come; null for nobody's. */
  watch(id) {
    this.#watched = id;
    this.#send();
  }

  /** Listens until the function that it returns is called. */
  on(type, listener) {
    const heard = (event) => listener(event.detail);
    this.addEventListener(type, heard);
    return () => this.removeEventListener(type, heard);
  }

  #send() {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({watch: this.#watched}));
  }

  #tell(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, {detail}));
  }
}

export const live = new Live();
