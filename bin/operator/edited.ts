/** What to do where somebody edited an environment's file, which belongs to the log. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TetraError } from '../../lib/errors.js';
import { count } from '../../lib/text.js';
import { hasObject } from '../../store/bundles.js';
import type { Layout, OrgLayout } from '../../store/layout.js';
import { openLog } from '../../store/log.js';
import { readPointer, setAside } from '../../store/pointer.js';

/**
 * Makes sure that the pointer is ours to move. With `discard` what stands in its place is set aside, and the words
 * for a warning are returned.
 *
 * @throws pointer-edited, naming the settings that differ.
 */
export async function claimPointer(layout: Layout, org: OrgLayout, env: string, discard: boolean): Promise<string[]> {
  const pointer = readPointer(org, env);
  if (pointer.state !== 'foreign') return [];
  // A log that cannot be appended to is told before anything is moved.
  const head = (await openLog(org, env)).head();
  if (discard) {
    const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
    return [`what stood in the place of ${env}.toml is now ${setAside(org, env, stamp)}`];
  }
  const changes = pointer.content === null ? [] : await editedSettings(layout, head?.record.bundle, pointer.content);
  const differ =
    changes.length === 0
      ? ''
      : `; ${count(changes.length, 'setting differs', 'settings differ')}: ${shortened(changes)}`;
  throw new TetraError('pointer-edited', `${org.pointer(env)} was edited or replaced by hand${differ}`, {
    hint: `move what you changed to [env.${env}] in local.toml, then run again with --discard, which keeps a copy`,
    facts: { env, path: org.pointer(env), keys: changes },
  });
}

function shortened(keys: readonly string[]): string {
  const most = 5;
  return keys.slice(0, most).join(', ') + (keys.length > most ? ` and ${keys.length - most} more` : '');
}

/** Keys only: what somebody typed there could be a secret. */
async function editedSettings(layout: Layout, bundle: string | undefined, content: string): Promise<string[]> {
  const { parseToml } = await import('../../lib/toml/parse.js');
  const { parseEnvironment } = await import('../../lib/environment.js');
  const { settingChanges } = await import('../../lib/diff.js');
  const edited = parseToml(content);
  if (bundle === undefined || !hasObject(layout, bundle) || edited.problems) return [];
  const current = parseEnvironment(readFileSync(join(layout.object(bundle), 'env.toml'), 'utf8'));
  return current.problems ? [] : settingChanges(current.document, edited.table).map(change => change.key);
}
