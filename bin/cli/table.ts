/** Columns of text. */

import { stripVTControlCharacters } from 'node:util';

/** Left-aligned, two blanks apart; columns that are empty in every row are left out. */
export function table(rows: readonly (readonly string[])[]): string {
  const width = (text: string) => stripVTControlCharacters(text).length;
  const columns = rows[0]?.map((_, i) => Math.max(...rows.map(row => width(row[i] ?? '')))) ?? [];
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => ({ cell, wide: columns[i] as number }))
      .filter(({ wide }) => wide > 0)
      .map(({ cell, wide }) => cell + ' '.repeat(wide - width(cell)))
      .join('  ')
      .trimEnd();
  return rows.map(row => `${line(row)}\n`).join('');
}
