/** From the words of a command line to its exit code, for any table of commands. */

import type { CommandInfo, Screen } from './command.js';
import { findCommand } from './find.js';
import { helpFor } from './help.js';
import { readOptions } from './options.js';
import { printError, printOutcome } from './output.js';
import { write } from './write.js';

/** `open` makes what the commands work on; `asked` is the organization that `--org` names. */
export async function runCommand<C>(
  argv: readonly string[],
  commands: readonly CommandInfo<C>[],
  open: (asked: string | undefined) => C,
): Promise<number> {
  // What the words ask for is known only when they could be read.
  let screen: Screen = { json: argv.includes('--json'), color: 'auto' };
  try {
    const { words, options } = readOptions(argv);
    screen = { json: options.json, color: options.color };
    const found = findCommand(words, options, commands);
    if ('help' in found) {
      write(1, helpFor(found.help, commands));
      return 0;
    }
    const { run } = await found.command.load();
    const input = { args: found.args, options: found.options, workspace: open(options.org), screen };
    return await printOutcome(await run(input), screen);
  } catch (error) {
    return printError(error, screen);
  }
}
