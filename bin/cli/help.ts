/** Help texts, made from the table of commands. */

import { version } from '../../package.json';
import type { CommandInfo, OptionInfo } from './command.js';
import { globalOptions } from './options.js';

/** All of a command but how it is run. */
type Shape = Omit<CommandInfo, 'load'>;

export function helpFor(topic: Shape | readonly string[], commands: readonly Shape[]): string {
  if (!('words' in topic)) return topic[0] === '--version' ? `tsm ${version}\n` : groupHelp(topic, commands);
  const lines = [`Usage: ${usageOf(topic)}`, '', topic.summary];
  if (topic.details) lines.push('', topic.details);
  lines.push('', 'Options:', ...optionLines([...topic.options, ...globalOptions]));
  if (topic.examples.length > 0) lines.push('', 'Examples:', ...topic.examples.map(example => `  ${example}`));
  return `${lines.join('\n')}\n`;
}

function groupHelp(group: readonly string[], commands: readonly Shape[]): string {
  const shown = commands.filter(command => group.every((word, i) => command.words[i] === word));
  const lines = [
    'tsm: one local.toml, every environment generated from it',
    '',
    `Usage: ${['tsm', ...group].join(' ')} COMMAND`,
    '',
    ...columns(shown.map(command => [wordsOf(command), command.summary])),
    '',
    'Options of every command:',
    ...optionLines(globalOptions),
    '',
    'Exit codes: 0 done or no difference, 1 failed, 2 difference or problem found, 3 failed and taken back,',
    '            4 some hosts are not there, 64 wrong usage, 65 invalid input, 69 a host is out of reach,',
    '            75 busy or moved (try again), 77 no permission',
  ];
  return `${lines.join('\n')}\n`;
}

/** Options stand in the help of the command itself: a list has to fit the screen. */
function wordsOf(command: Shape): string {
  return ['tsm', ...command.words, ...command.args].join(' ');
}

function usageOf(command: Shape): string {
  const options = command.options.map(option => {
    const flag = option.short ? `-${option.short}` : `--${option.name}`;
    const words = `${flag}${option.value ? ` ${option.value}` : ''}`;
    return option.required ? words : `[${words}]`;
  });
  return [wordsOf(command), ...options].join(' ');
}

function optionLines(options: readonly OptionInfo[]): string[] {
  return columns(
    options.map(({ name, short, value, summary }) => {
      const flag = `${short ? `-${short}, ` : ''}--${name}${value ? ` ${value}` : ''}`;
      return [flag, summary];
    }),
  );
}

function columns(rows: readonly (readonly [string, string] | readonly string[])[]): string[] {
  const width = Math.max(...rows.map(([left = '']) => left.length));
  return rows.map(([left = '', right = '']) => `  ${left.padEnd(width)}  ${right}`);
}
