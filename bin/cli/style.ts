/** Colours, where they are wanted. */

export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

export type ColorChoice = 'auto' | 'always' | 'never';

/** `NO_COLOR` (no-color.org) and `FORCE_COLOR` are honoured; otherwise a terminal gets colours. */
export function styleFor(choice: ColorChoice, isTerminal: boolean): Style {
  const on = choice === 'always' || (choice === 'auto' && wanted(isTerminal));
  const paint = (open: number, close: number) => (text: string) => (on ? `\x1b[${open}m${text}\x1b[${close}m` : text);
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
  };
}

function wanted(isTerminal: boolean): boolean {
  if (process.env.NO_COLOR) return false;
  if (process.env.FORCE_COLOR) return process.env.FORCE_COLOR !== '0';
  return isTerminal && process.env.TERM !== 'dumb';
}
