/** Whole cents as text for people: `€12.34`, and `-€0.50` for a refund. */
export function formatEuro(cents) {
  const sign = cents < 0 ? "-" : "";
  return `${sign}€${(Math.abs(cents) / 100).toFixed(2)}`;
}
