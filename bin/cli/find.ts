/** Which command the words mean, and whether its arguments and options fit. */

import { type TetraError, usage } from '../../lib/errors.js';
import { nearest } from '../../lib/nearest.js';
import { printable } from '../../lib/text.js';
import type { CommandInfo, Options } from './command.js';
import { type GlobalOptions, globalOptions, type RawOption } from './options.js';

export type Found<C> =
  | { readonly command: CommandInfo<C>; readonly args: readonly string[]; readonly options: Options }
  | { readonly help: CommandInfo<C> | readonly string[] };

export function findCommand<C>(
  words: readonly string[],
  options: GlobalOptions,
  commands: readonly CommandInfo<C>[],
): Found<C> {
  if (options.version) return { help: ['--version'] };
  const asked = words[0] === 'help' ? words.slice(1) : words;
  const command = longestMatch(asked, commands);
  const help = options.help || words[0] === 'help';
  if (help && (command || isGroup(asked, commands))) return { help: command ?? asked };
  if (!command) {
    const [option] = options.rest;
    if (option) throw usage(`tsm has no option ${printable(option.flag)}`, 'tsm --help');
    if (words.length === 0) return { help: [] };
    throw unknownCommand(asked, commands);
  }
  const { args, values, flags } = fit(command, asked.slice(command.words.length), options.rest);
  checkCount(command, args);
  return { command, args, options: { flags, values } };
}

/** What of a command its words are judged by. */
type Shape = Pick<CommandInfo, 'words' | 'args' | 'options'>;
type Commands = readonly Pick<CommandInfo, 'words'>[];

function isGroup(words: readonly string[], commands: Commands): boolean {
  return commands.some(command => words.every((word, i) => command.words[i] === word));
}

function longestMatch<C>(words: readonly string[], commands: readonly CommandInfo<C>[]): CommandInfo<C> | undefined {
  return commands
    .filter(command => command.words.every((word, i) => words[i] === word))
    .sort((a, b) => b.words.length - a.words.length)[0];
}

function unknownCommand(words: readonly string[], commands: Commands): TetraError {
  let known = words.length;
  while (known > 0 && !isGroup(words.slice(0, known), commands)) known--;
  const group = words.slice(0, known);
  const next = [
    ...new Set(commands.filter(c => group.every((w, i) => c.words[i] === w)).map(c => c.words[known] as string)),
  ];
  const tsm = ['tsm', ...group].join(' ');
  const word = words[known];
  if (word === undefined) return usage(`${tsm} needs one of: ${next.join(', ')}`, `${tsm} --help`);
  const near = nearest(word, next);
  // Who leaves the group out means a command all the same.
  const elsewhere = commands.find(command => command.words.at(-1) === word);
  const meant = near ? `${tsm} ${near}` : elsewhere && `tsm ${elsewhere.words.join(' ')}`;
  const message = `${tsm} has no command ${JSON.stringify(printable(word))}`;
  return usage(message, meant ? `did you mean: ${meant}` : `${tsm} --help`);
}

function fit(command: Shape, words: readonly string[], rest: readonly RawOption[]) {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const taken = new Set<number>();
  for (const { flag, value, before } of rest) {
    const info = command.options.find(option => flag === `--${option.name}` || flag === `-${option.short}`);
    if (!info) throw unknownOption(command, flag);
    if (!info.value) {
      if (value !== undefined) throw usage(`${flag} takes no value`, helpHint(command));
      flags.add(info.name);
      continue;
    }
    const at = before - command.words.length;
    const word = value ?? (taken.has(at) ? undefined : words[at]);
    if (word === undefined) throw usage(`${flag} needs a value: ${info.value}`, helpHint(command));
    if (value === undefined) taken.add(at);
    values.set(info.name, word);
  }
  return { args: words.filter((_, i) => !taken.has(i)), values, flags };
}

function unknownOption(command: Shape, flag: string): TetraError {
  const names = [...command.options, ...globalOptions].map(option => `--${option.name}`);
  const near = nearest(flag, names);
  const hint = near ? `did you mean ${near}?` : helpHint(command);
  return usage(`tsm ${command.words.join(' ')} has no option ${printable(flag)}`, hint);
}

function checkCount(command: Shape, args: readonly string[]) {
  const required = command.args.filter(arg => !arg.startsWith('['));
  const missing = required[args.length];
  if (missing) throw usage(`tsm ${command.words.join(' ')} needs ${missing}`, helpHint(command));
  if (args.length > command.args.length)
    throw usage(
      `${JSON.stringify(printable(args[command.args.length] as string))} is one argument too many`,
      helpHint(command),
    );
}

const helpHint = (command: Shape): string => `tsm ${command.words.join(' ')} --help`;
