// The config's JSON Schema: what can be set, and how.

/** Reads a schema and what it refers to. */
export class Schema {
  constructor(root) {
    this.root = root;
  }

  /** A node, with what it refers to; what stands beside a reference goes before what is there. */
  resolve(node) {
    if (!node.$ref) return node;
    const {$ref, ...own} = node;
    return {...this.root.$defs[$ref.split("/").pop()], ...own};
  }

  /** The kinds of values that a node takes, resolved, null left out. */
  variants(node) {
    const whole = this.resolve(node), {anyOf, oneOf, ...rest} = whole;
    const found = (anyOf ?? oneOf ?? [whole]).map((one) => this.resolve(one)).filter((one) => one.type !== "null");
    return anyOf || oneOf ? found.map((one) => ({...one, "x-effect": rest["x-effect"] ?? one["x-effect"]})) : found;
  }

  isNullable(node) {
    return (this.resolve(node).anyOf ?? []).some((one) => one.type === "null");
  }

  /** Whether a value can be of a kind. */
  fits(variant, value) {
    if (value === undefined || value === null) return false;
    if (variant.const !== undefined) return variant.const === value;
    if (variant.enum) return variant.enum.includes(value);
    const types = [variant.type].flat();
    if (Array.isArray(value)) return types.includes("array");
    if (typeof value === "object") return types.includes("object");
    if (typeof value === "boolean") return types.includes("boolean");
    if (typeof value === "number") return types.includes("number") || (types.includes("integer") && Number.isInteger(value));
    return types.includes("string");
  }

  /** The kinds of items of a list that differ by their `type`: [[name, node], …]; null for other lists. */
  kinds(variant) {
    const items = variant.items && this.resolve(variant.items);
    if (!items?.oneOf && !items?.discriminator) return null;
    return (items.oneOf ?? items.anyOf).map((one) => this.resolve(one)).map((one) => [one.properties.type.const, one]);
  }

  /** The node of a dotted key with the values that are there; undefined for a key that nothing has. */
  at(key, values) {
    let node = this.root, value = values;
    for (const part of key.split(".")) {
      const variants = this.variants(node), chosen = variants.find((one) => this.fits(one, value)) ?? variants[0];
      if (chosen.properties) node = chosen.properties[part];
      else if (chosen.items) node = this.itemOf(chosen, value?.[part]);
      else if (chosen.prefixItems) node = chosen.prefixItems[part];
      else return undefined;
      if (!node) return undefined;
      value = value?.[part];
    }
    return node;
  }

  /** The node of an item of a list, by its type. */
  itemOf(variant, value) {
    const kinds = this.kinds(variant);
    return kinds ? kinds.find(([name]) => name === value?.type)?.[1] : this.resolve(variant.items);
  }
}

/** A dotted key's value in plain data; undefined where nothing is. */
export function valueAt(data, key) {
  return key.split(".").reduce((value, part) => value?.[part], data);
}

/** min_length as people read it. */
export const wordsOf = (key) => key.replaceAll("_", " ");
