/** A line of the cart: {name, cents, count}. Money is whole cents. */
export function total(lines) {
  const full = lines.reduce((sum, line) => sum + line.cents * line.count, 0);
  return count(lines) >= 9 ? Math.round(full * 0.9) : full;
}

export function count(lines) {
  return lines.reduce((sum, line) => sum + line.count, 0);
}
