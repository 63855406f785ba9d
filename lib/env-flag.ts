/** `--env NAME`: how a program is told on its command line which environment it is. */

import { parseCommand } from './command.js';

/** The word for an environment: prod is called production there. */
export function envWord(env: string): string {
  return env === 'prod' ? 'production' : env;
}

/** The environment that a command names already; `null` where it names none, or is no command. */
export function saysEnv(line: string): string | null {
  const command = parseCommand(line);
  if ('problem' in command) return null;
  const words = command.words.map(word => word.text);
  for (const [i, word] of words.entries()) {
    if (word === '--env') return words[i + 1] ?? '';
    if (word.startsWith('--env=')) return word.slice('--env='.length);
  }
  return null;
}

/** With the flag at its end; `undefined` where the command already names an environment, or is no command. */
export function withEnvFlag(line: string, env: string): string | undefined {
  if ('problem' in parseCommand(line) || saysEnv(line) !== null) return undefined;
  return `${line} --env ${envWord(env)}`;
}
