/** Comparing, naming and quoting text, the same on every machine. */

import type { Path } from './types.js';

/** Order by UTF-16 code units: independent of locale, unlike `localeCompare`. */
export const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * A path as TOML writes a dotted key: `services.tetra.command`, `app."a b"`, `env.prod.accept[0].rule`.
 */
export function dotted(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += (text === '' ? '' : '.') + keyText(part);
  }
  return text;
}

/** A key as TOML writes it: bare where it may be, else a basic string. */
export function keyText(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : quoted(key);
}

/** A TOML basic string on one line. Control characters are escaped, and so is what could fool a terminal. */
export function quoted(text: string): string {
  let out = '"';
  for (const char of text) {
    const code = char.codePointAt(0) as number;
    if (char === '"' || char === '\\') out += `\\${char}`;
    else if (char === '\n') out += '\\n';
    else if (char === '\t') out += '\\t';
    else if (char === '\r') out += '\\r';
    else if (!isPlain(code)) out += code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
    else out += char;
  }
  return `${out}"`;
}

/** Text that is safe to print: what would move the cursor or reorder the line is shown escaped. */
export function printable(text: string): string {
  let out = '';
  for (const char of text) {
    const code = char.codePointAt(0) as number;
    out += isPlain(code) ? char : `\\u{${code.toString(16)}}`;
  }
  return out;
}

/** False for controls, bidirectional and invisible formatting, line separators, and what systemd calls no UTF-8. */
function isPlain(code: number): boolean {
  if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return false;
  // Joiners (200c, 200d) are part of words and emoji.
  if (code === 0x200b || code === 0x200e || code === 0x200f) return false;
  if (code >= 0x2028 && code <= 0x202e) return false;
  if (code >= 0x2060 && code <= 0x206f) return false;
  if (code >= 0xd800 && code <= 0xdfff) return false;
  if ((code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) === 0xfffe) return false;
  return code !== 0xfeff && code !== 0x061c && code !== 0xad;
}

export function hasControls(text: string): boolean {
  for (const char of text) if (!isPlain(char.codePointAt(0) as number)) return true;
  return false;
}

/** `3 settings`, `1 setting`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

function hex(code: number, width: number): string {
  return code.toString(16).toUpperCase().padStart(width, '0');
}
