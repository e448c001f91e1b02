import { total } from "./cart.js";

/** The receipt as lines of text. */
export function receipt(lines) {
  return [...lines.map((line) => `${line.count} x ${line.name}`), `total ${total(lines)}`, "Thank you!"];
}
