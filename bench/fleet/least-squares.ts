/** The straight line that fits these points best. Its slope is in units of y for each unit of x. */
export function slopeOf(points: readonly { x: number; y: number }[]): { slope: number; at0: number } {
  const count = points.length;
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / count;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / count;
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  const slope = spread === 0 ? 0 : points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
  return { slope, at0: meanY - slope * meanX };
}
