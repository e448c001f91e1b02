export function conv(c) {
  return `€${(c / 100).toFixed(2)}`;
}
