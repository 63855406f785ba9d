/** The command line, split into words and options, before anybody knows which command it is. */

import { usage } from '../../lib/errors.js';
import type { ColorChoice } from './style.js';

export interface GlobalOptions {
  readonly json: boolean;
  readonly color: ColorChoice;
  readonly help: boolean;
  readonly version: boolean;
  readonly org: string | undefined;
  /** Everything else that began with a dash, for the command to judge. */
  readonly rest: readonly RawOption[];
}

export interface RawOption {
  /** `--dry-run` or `-m` */
  readonly flag: string;
  /** Behind `=`, or glued to a short option. */
  readonly value?: string;
  /** Where it stood among the words: an option that takes a value takes the word that follows it. */
  readonly before: number;
}

export interface CommandLine {
  readonly words: readonly string[];
  readonly options: GlobalOptions;
}

export const globalOptions = [
  { name: 'org', value: 'NAME', summary: 'the organization; else TETRA_ORG, tsm org use, or the only one there is' },
  { name: 'json', summary: 'one JSON document on stdout' },
  { name: 'color', value: 'WHEN', summary: 'auto, always or never' },
  { name: 'help', short: 'h', summary: 'what a command does' },
];

export function readOptions(argv: readonly string[]): CommandLine {
  const words: string[] = [];
  const rest: RawOption[] = [];
  const seen = {
    json: false,
    help: false,
    version: false,
    color: 'auto' as ColorChoice,
    org: undefined as string | undefined,
  };
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    if (word === '--') {
      words.push(...argv.slice(i + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      words.push(word);
      continue;
    }
    const { flag, value } = split(word);
    const next = (what: string) => {
      const given = value ?? argv[++i];
      if (given === undefined || given === '') throw usage(`${flag} needs a value: ${what}`, 'tsm --help');
      return given;
    };
    const plain = () => {
      if (value !== undefined) throw usage(`${flag} takes no value`, 'tsm --help');
      return true;
    };
    if (flag === '--json') seen.json = plain();
    else if (flag === '--help' || flag === '-h') seen.help = plain();
    else if (flag === '--version') seen.version = plain();
    else if (flag === '--no-color') seen.color = plain() ? 'never' : 'auto';
    else if (flag === '--color') seen.color = colorChoice(next('auto, always or never'));
    else if (flag === '--org') seen.org = next('NAME');
    else rest.push({ flag, value, before: words.length });
  }
  return { words, options: { ...seen, rest } };
}

function colorChoice(word: string): ColorChoice {
  if (word === 'auto' || word === 'always' || word === 'never') return word;
  throw usage('--color takes auto, always or never', 'tsm --help');
}

function split(word: string): { flag: string; value?: string } {
  if (!word.startsWith('--'))
    return word.length > 2 ? { flag: word.slice(0, 2), value: word.slice(2).replace(/^=/, '') } : { flag: word };
  const at = word.indexOf('=');
  return at < 0 ? { flag: word } : { flag: word.slice(0, at), value: word.slice(at + 1) };
}
