/** The host's own table: composed from the environments that are active, loaded as one. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnvironment } from '../../lib/environment.js';
import { composeRules, type HostRules } from '../../lib/host/firewall.js';
import { Settings } from '../../lib/settings.js';
import { currentBundle, listEnvironments } from './environments.js';
import type { EnvironmentLayout, HostLayout } from './layout.js';
import { Refusal } from './refusal.js';
import { linesOf, run } from './system.js';

/** Takes our table away where it is there, in one transaction, and is nothing to complain about where it is not. */
const noRules = 'table inet tetra\ndelete table inet tetra\n';

/** The rules of all environments, with this one as the bundle has it. */
export function rulesWith(layout: HostLayout, environment: EnvironmentLayout, settings: Settings): HostRules {
  const others = listEnvironments(layout).flatMap(other => {
    const bundle = other.name === environment.name ? null : currentBundle(other);
    return bundle === null ? [] : [{ org: other.org, settings: settingsOf(layout, bundle) }];
  });
  return composeRules([...others, { org: environment.org, settings }]);
}

/** What a bundle's env.toml says. @throws Refusal where this program cannot read it. */
export function settingsOf(layout: HostLayout, bundle: string): Settings {
  const path = join(layout.store.object(bundle), 'env.toml');
  const result = existsSync(path)
    ? parseEnvironment(readFileSync(path, 'utf8'))
    : { problems: [{ message: 'is missing' }] };
  if (!('document' in result) || result.problems) throw unreadable(path, result.problems ?? []);
  return new Settings(result.document);
}

/** Whichever environment it belongs to: the rules are those of all. */
function unreadable(path: string, problems: readonly { readonly message: string }[]): Refusal {
  return new Refusal({
    code: 'refused',
    reason: `the host's tsm cannot read ${path}`,
    details: problems.map(problem => problem.message),
    hint: 'tsm host upgrade',
  });
}

/** Loads the rules as they lie on the disk, or takes ours away where none do. What went wrong, if anything. */
export function loadRules(layout: HostLayout): string[] {
  return load(existsSync(layout.firewall) ? readFileSync(layout.firewall, 'utf8') : noRules);
}

/** One transaction: either all of it holds afterwards, or what held before (nft(8)). */
export function load(text: string): string[] {
  const ran = run('nft', ['-f', '-'], { input: text });
  return ran.code === 0 ? [] : [`nft: ${linesOf(ran.stderr)[0] ?? `exit ${ran.code}`}`];
}

/** Whether our table is in the kernel. */
export function isLoaded(): boolean {
  return run('nft', ['list', 'table', 'inet', 'tetra']).code === 0;
}
