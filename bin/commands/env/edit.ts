/** `tsm org env edit`: the editor on local.toml, and back to the line of the first problem until there is none. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { InvalidInput, TetraError, usage } from '../../../lib/errors.js';
import { envName } from '../../../lib/names.js';
import type { OrgLayout } from '../../../store/layout.js';
import type { Input, Outcome } from '../../cli/command.js';
import { printError } from '../../cli/output.js';
import { located } from '../../cli/problems.js';
import { isTerminal } from '../../cli/write.js';
import { currentOrg } from '../../operator/workspace.js';
import { validated } from './validate.js';

export async function run({ args, workspace }: Input): Promise<Outcome> {
  const env = envName(args[0] ?? 'local');
  if (env !== 'local')
    throw usage(`${env}.toml is generated, so edits would be lost`, `tsm org env edit, and set it in [env.${env}]`);
  const org = currentOrg(workspace);
  const path = org.source;
  const before = readFileSync(path, 'utf8');
  const names = await editUntilValid(org, path);
  const changed = readFileSync(path, 'utf8') !== before;
  return {
    schema: 'tsm/env-edit/1',
    data: { org: org.name, path, changed, valid: true },
    text: () =>
      changed
        ? `${path} is valid for ${names.map(name => `@${name}`).join(' ')}\n  -> tsm org diff @${names[0]}\n`
        : 'nothing was changed\n',
  };
}

/** Returns the names of the environments it was found valid for. */
async function editUntilValid(org: OrgLayout, path: string): Promise<string[]> {
  let line: number | undefined;
  for (;;) {
    openEditor(path, line);
    try {
      return validated(org).rows.map(row => row.env);
    } catch (error) {
      // Another file, such as the manifest, is not mended by editing this one.
      if (!(error instanceof InvalidInput) || error.file !== path || !process.stdin.isTTY || !isTerminal(2))
        throw error;
      await printError(error, { json: false, color: 'auto' });
      line = (await located(error)).find(problem => problem.at)?.at?.line;
      if (!(await wantsAnother()))
        throw new TetraError('invalid-input', `${path} is still not valid`, {
          hint: 'tsm org env edit',
          facts: { path },
        });
    }
  }
}

async function wantsAnother(): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await prompt.question('edit again? [Y/n] ').catch(() => 'n');
  prompt.close();
  return !/^n/i.test(answer.trim());
}

function openEditor(path: string, line: number | undefined) {
  const editor = process.env.VISUAL || process.env.EDITOR || 'vi';
  // As git does: the variable may hold arguments, so a shell splits it; the file is passed beside it.
  const ran = spawnSync('sh', ['-c', `${editor} "$@"`, editor, ...placeArguments(editor, path, line)], {
    stdio: 'inherit',
  });
  if (ran.status === 0) return;
  const hint =
    ran.status === 127
      ? 'set VISUAL or EDITOR to the editor of your choice'
      : 'run it again; what was saved is still there';
  throw new TetraError('failed', `the editor (${editor}) ended with ${ran.status ?? ran.signal}`, {
    hint,
    facts: { editor },
  });
}

/** How editors are told a line; those we do not know open at the top. */
function placeArguments(editor: string, path: string, line: number | undefined): string[] {
  if (line === undefined) return [path];
  const name = basename(editor.trim().split(/\s+/, 1)[0] as string);
  if (['code', 'codium', 'cursor'].includes(name)) return ['--goto', `${path}:${line}`];
  if (['vi', 'vim', 'nvim', 'nano', 'emacs', 'emacsclient', 'kak', 'joe', 'ne', 'jed'].includes(name))
    return [`+${line}`, path];
  if (['hx', 'helix', 'micro', 'zed', 'subl'].includes(name)) return [`${path}:${line}`];
  return [path];
}
