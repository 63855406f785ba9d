/** The command: words in, one result out. The only place that prints or ends the process. */

import type { Screen } from './cli/command.js';
import { findCommand } from './cli/find.js';
import { helpFor } from './cli/help.js';
import { readOptions } from './cli/options.js';
import { printError, printOutcome } from './cli/output.js';
import { write } from './cli/write.js';
import { openWorkspace } from './operator/workspace.js';

async function main(argv: readonly string[]): Promise<number> {
  // What the words ask for is known only when they could be read.
  let screen: Screen = { json: argv.includes('--json'), color: 'auto' };
  try {
    const { words, options } = readOptions(argv);
    screen = { json: options.json, color: options.color };
    const found = findCommand(words, options);
    if ('help' in found) {
      write(1, helpFor(found.help));
      return 0;
    }
    const { run } = await found.command.load();
    const workspace = openWorkspace(options.org);
    return await printOutcome(await run({ args: found.args, options: found.options, workspace, screen }), screen);
  } catch (error) {
    return printError(error, screen);
  }
}

// Everything is written by now. Ending here spares Node taking its heap apart.
main(process.argv.slice(2)).then(code => process.exit(code));
