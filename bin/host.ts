/**
 * The program on a host, one file under two names: what the operator's side and our own units call, and `tsm` for people
 * who are on the server.
 */

import { basename } from 'node:path';
import { HostLayout } from '../scripts/host/layout.js';
import { answer } from '../scripts/host/main.js';

// What is written here is for services to read, or given its mode where it is not.
process.umask(0o022);

async function main([program = '', ...argv]: readonly string[]): Promise<number> {
  if (basename(program) !== 'tsm') return answer(argv);
  // Loaded here, since most calls are not by people.
  const [{ runCommand }, { commands }] = await Promise.all([import('./cli/main.js'), import('./server/commands.js')]);
  return runCommand(argv, commands, () => new HostLayout(''));
}

// Not process.exit: what was written to a pipe may still be on its way.
main(process.argv.slice(1)).then(code => {
  process.exitCode = code;
});
