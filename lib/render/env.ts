/** env.toml: the whole environment. Everything else in a bundle can be rendered from this file alone. */

import { keyOrder } from '../schema/keys.js';
import { dotted } from '../text.js';
import { tomlLines } from '../toml/format.js';
import type { BundleFile, Table } from '../types.js';
import { Sheet } from './sheet.js';

export function renderEnv(document: Table, org: string, env: string): BundleFile {
  const sheet = new Sheet('env.toml');
  sheet.line(
    `# ${org} ${env}, made by tsm from local.toml. Do not edit: change local.toml, then tsm org promote @${env}`,
  );
  sheet.blank();
  for (const { text, path } of tomlLines(document, keyOrder))
    sheet.line(text, ...(path.length > 0 ? [dotted(path)] : []));
  return sheet.file();
}
