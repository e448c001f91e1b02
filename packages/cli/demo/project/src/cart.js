/** A line of the cart: {name, cents, count}. Money is whole cents. */
export function total(lines) {
  return lines.reduce((sum, line) => sum + line.cents * line.count, 0);
}

export function count(lines) {
  return lines.reduce((sum, line) => sum + line.count, 0);
}
