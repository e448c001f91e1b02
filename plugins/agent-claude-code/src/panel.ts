/** A dialog's rule that ends at the border of the panel. */
const RULE_AT_BORDER = /^[─━▔╌]{20,}(?=│)/;
/** Characters that may fill two columns. */
const WIDE = /[\u2e80-\uffff]/g;

/**
 * Removes the panel that newer versions open on the right once a file was changed. Its columns are not part of a dialog. All rows end
 * at the same column, except for characters that fill two.
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
