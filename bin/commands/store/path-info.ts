/** `tsm store path-info NAME` */

import { TetraError, usage } from '../../../lib/errors.js';
import { envName, parseStoreName } from '../../../lib/names.js';
import { count } from '../../../lib/text.js';
import { bundleManifest } from '../../../store/bundles.js';
import type { Layout } from '../../../store/layout.js';
import { listObjects } from '../../../store/verify.js';
import type { Input, Outcome } from '../../cli/command.js';
import { table } from '../../cli/table.js';
import { historyOf } from '../../operator/generations.js';
import { generationsOf } from '../../operator/uses.js';
import { currentOrg } from '../../operator/workspace.js';

export async function run({ args, workspace }: Input): Promise<Outcome> {
  const { layout } = workspace;
  const word = args[0] as string;
  const bundle = word.startsWith('@') ? await currentBundle(workspace, envName(word)) : find(layout, word);
  const { org, env, files } = bundleManifest(layout, bundle);
  const uses = (await generationsOf(layout)).get(bundle) ?? [];
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const derivers = [...new Set(uses.map(use => layout.object(use.deriver)))];
  const path = layout.object(bundle);
  return {
    schema: 'tsm/path-info/1',
    data: {
      bundle,
      org,
      env,
      path,
      size,
      files: files.map(file => ({ ...file })),
      derivers,
      generations: uses.map(use => ({ ...use })),
    },
    text: style => {
      const used = uses.map(use => `${use.generation}${use.current ? ' (current)' : ''}`).join(', ') || 'none';
      const head = table([
        ['path', path],
        ['derivation', derivers.join(' ') || 'none'],
        ['generations', used],
        ['size', `${count(files.length, 'file')}, ${size} bytes`],
      ]);
      return `${head}\n${table(files.map(file => [file.path, String(file.size), style.dim(file.digest)]))}`;
    },
  };
}

async function currentBundle(workspace: Input['workspace'], env: string): Promise<string> {
  const org = currentOrg(workspace);
  return (await historyOf(org, env)).head.bundle;
}

/** By its name, a path to it, or the beginning of its digest. */
function find(layout: Layout, word: string): string {
  const name = word.startsWith(layout.store) ? (word.slice(layout.store.length + 1).split('/', 1)[0] as string) : word;
  if (name === '') throw usage('a store name has at least one character', 'tsm store list');
  const found = listObjects(layout).filter(object => parseStoreName(object) && object.startsWith(name));
  if (found.length === 1) return found[0] as string;
  if (found.length > 1)
    throw usage(`${count(found.length, 'bundle')} begin with ${JSON.stringify(word)}`, 'tsm store list');
  throw new TetraError('bundle-missing', `there is no bundle ${JSON.stringify(word)} in ${layout.store}`, {
    hint: 'tsm store list',
    facts: { name: word },
  });
}
