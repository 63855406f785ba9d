/** `tsm store list` */

import { parseStoreName } from '../../../lib/names.js';
import { listObjects } from '../../../store/verify.js';
import type { Input, Outcome } from '../../cli/command.js';
import { table } from '../../cli/table.js';
import { generationsOf } from '../../operator/uses.js';

export async function run({ workspace }: Input): Promise<Outcome> {
  const { layout } = workspace;
  const uses = await generationsOf(layout);
  const bundles = listObjects(layout).flatMap(bundle => {
    const name = parseStoreName(bundle);
    if (!name) return [];
    const generations = (uses.get(bundle) ?? []).map(use => use.generation);
    return [{ bundle, org: name.org, env: name.env, path: layout.object(bundle), generations }];
  });
  return {
    schema: 'tsm/store-list/1',
    data: { store: layout.store, bundles },
    text: style => {
      if (bundles.length === 0) return `${layout.store} is empty: tsm org promote @dev\n`;
      return table(
        bundles.map(({ bundle, generations }) => [
          bundle,
          generations.length > 0 ? `generation ${generations.join(', ')}` : style.dim('no generation'),
        ]),
      );
    },
  };
}
