/**
 * `tsm org env show ENV`: the generated file, with remarks on what differs from local.toml. The remarks are comments, so
 * what is piped on is the same valid TOML; `--plain` leaves them out.
 */

import { join } from 'node:path';
import { TetraError } from '../../../lib/errors.js';
import type { LogRecord } from '../../../lib/history.js';
import { envName } from '../../../lib/names.js';
import { printable } from '../../../lib/text.js';
import { sameValue, writtenAt } from '../../../lib/toml/values.js';
import type { Leaf, Value } from '../../../lib/types.js';
import { expectBundle } from '../../../store/bundles.js';
import type { Layout, OrgLayout } from '../../../store/layout.js';
import { readPointer } from '../../../store/pointer.js';
import type { Input, Outcome } from '../../cli/command.js';
import type { Style } from '../../cli/style.js';
import { rebuild } from '../../operator/build.js';
import { historyOf } from '../../operator/generations.js';
import { currentOrg, readText } from '../../operator/workspace.js';

export async function run({ args, options, workspace }: Input): Promise<Outcome> {
  const env = envName(args[0] as string);
  const org = currentOrg(workspace);
  if (env === 'local') return localFile(org);
  const { layout } = workspace;
  const { head } = await historyOf(org, env);
  expectBundle(layout, head.bundle, `tsm org promote @${env}`);
  const text = readText(join(layout.object(head.bundle), 'env.toml')) as string;
  const edited = readPointer(org, env).state === 'foreign';
  return {
    schema: 'tsm/env-show/1',
    data: { org: org.name, env, path: org.pointer(env), generation: head.generation, bundle: head.bundle, text },
    text: style => (options.flags.has('plain') ? text : annotated(layout, head, text, style)),
    warnings: edited ? [`${org.pointer(env)} was edited by hand; this is what generation ${head.generation} says`] : [],
  };
}

function localFile(org: OrgLayout): Outcome {
  const path = org.source;
  const text = readText(path);
  if (text === undefined)
    throw new TetraError('failed', `${path} is missing`, { hint: 'tsm org init NAME writes one', facts: { path } });
  return { schema: 'tsm/env-show/1', data: { org: org.name, env: 'local', path, text }, text: () => text };
}

function annotated(layout: Layout, record: LogRecord, text: string, style: Style): string {
  const remarks = remarksFor(layout, record, text);
  const lines = text.split('\n').map((line, i) => {
    const remark = remarks?.[i];
    return remark ? `${line}  ${style.yellow(`# ${remark}`)}` : line;
  });
  return `${style.dim(titleOf(record))}\n${lines.join('\n')}`;
}

function titleOf({ generation, action, of, at, by, commit, dirty, message }: LogRecord): string {
  const what = action === 'rollback' ? `rolled back to ${of}` : 'promoted';
  const from = commit ? ` from ${commit.slice(0, 8)}${dirty ? ' and changes' : ''}` : '';
  const why = message ? `: ${printable(message.split('\n', 1)[0] as string)}` : '';
  return `# generation ${generation}, ${what} ${at.replace('T', ' ').replace(/\.\d+Z$/, 'Z')} by ${printable(by)}${from}${why}`;
}

/** Per line of env.toml; `null` where today's tsm would write another file, so that nothing can be said of this one. */
function remarksFor(layout: Layout, record: LogRecord, text: string): (string | undefined)[] | null {
  const built = rebuild(layout, record.deriver);
  const file = built?.promotion.bundle.files.find(candidate => candidate.path === 'env.toml');
  if (!built || file?.content !== text) return null;
  return file.lines.map(([key]) => {
    const leaf = key === undefined ? undefined : built.promotion.leaves.get(key);
    return leaf && remarkOn(leaf, writtenAt(built.source.local, leaf.path));
  });
}

function remarkOn(leaf: Leaf, local: Value | undefined): string | undefined {
  const by = leaf.layer === 'override' ? ' by override' : '';
  if (local === undefined) return leaf.layer === 'default' ? undefined : `Added${by}`;
  return sameValue(local, leaf.value) ? undefined : `Changed${by}`;
}
