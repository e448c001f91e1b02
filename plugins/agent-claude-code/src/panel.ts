/** A rule of a dialog that ends at the border of the panel. */
const RULE_AT_BORDER = /^[─━▔╌]{20,}(?=│)/;
/** Signs that may fill two columns. */
const WIDE = /[\u2e80-\uffff]/g;

/**
 * The rows without the panel that newer versions open at the right once a file was changed: its columns are no part of a dialog. All rows
 * end at the same column, but for signs that fill two.
 */
export function withoutPanel(rows: readonly string[]): string[] {
  const column = rows.reduce((found, row) => RULE_AT_BORDER.exec(row)?.[0].length ?? found, -1);
  if (column === -1) return [...rows];
  return rows.map((row) => {
    const border = row.lastIndexOf("│", column);
    const left = border === -1 ? row : row.slice(0, border);
    const isBorder = border !== -1 && column - border <= (left.match(WIDE)?.length ?? 0);
    return isBorder ? left.trimEnd() : row;
  });
}
