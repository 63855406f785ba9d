/** The command: words in, one result out. The only place that ends the process. */

import { runCommand } from './cli/main.js';
import { commands } from './commands/index.js';
import { openWorkspace } from './operator/workspace.js';

// Everything is written by now. Ending here spares Node taking its heap apart.
runCommand(process.argv.slice(2), commands, openWorkspace).then(code => process.exit(code));
