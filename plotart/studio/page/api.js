// The server's HTTP interface.

import {t} from "./text.js";

/** What the server refused, or that it is not there (`status` 0); the message is for people. */
export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

async function ask(method, path, body) {
  const raw = body instanceof Blob;
  let answer;
  try {
    answer = await fetch(path, {
      method,
      ...(body !== undefined && {body: raw ? body : JSON.stringify(body)}),
      headers: body === undefined ? {} : {"Content-Type": raw ? body.type || "application/octet-stream" : "application/json"},
    });
  } catch {
    throw new ApiError(t("gone.short"), 0);
  }
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => null);
  throw new ApiError(told?.error?.message ?? t("error.unknown"), answer.status);
}

export const get = async (path) => (await ask("GET", path)).json();
export const getBytes = async (path) => (await ask("GET", path)).arrayBuffer();
export const getText = async (path) => (await ask("GET", path)).text();
/** What the server answers; null if it has nothing to say. */
export async function post(path, body = {}) {
  const answer = await ask("POST", path, body);
  return answer.status === 204 ? null : answer.json();
}
export const patch = async (path, body) => (await ask("PATCH", path, body)).json();
export const remove = async (path) => void (await ask("DELETE", path));

/** A version's address, or that of a thing of it: versionPath("sweep/seed=3", "act"). */
export function versionPath(id, ...below) {
  return ["/api/versions", ...[...id.split("/"), ...below].map(encodeURIComponent)].join("/");
}

/** Sends a picture; gives its name, width, height and url. */
export const upload = (blob, name) => post(`/api/pictures?name=${encodeURIComponent(name)}`, blob);

const kept = {};
function once(path) {
  kept[path] ??= get(path).catch((error) => {
    delete kept[path];
    throw error;
  });
  return kept[path];
}
export const schema = () => once("/api/schema");
export const studio = () => once("/api/studio");
export const catalogue = () => once("/api/catalogue");

/** The catalogue is another one, as when a set was saved. */
export function forgetCatalogue() {
  delete kept["/api/catalogue"];
}
