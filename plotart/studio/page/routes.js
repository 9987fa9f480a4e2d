// Addresses within the page.

export const wallAddress = "#/";
export const beginAddress = "#/new";
export const easelAddress = (id) => `#/v/${encodeURIComponent(id)}`;
export const compareAddress = (a, b) => `#/compare/${encodeURIComponent(a)}/${encodeURIComponent(b)}`;

/** What an address asks for: [name, ...values]. */
export function readAddress(hash) {
  const [, name = "", ...values] = hash.split("/");
  return [name, ...values.map(decodeURIComponent)];
}

export function go(address) {
  location.hash = address;
}
