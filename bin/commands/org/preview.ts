/** What a promote or a rollback would do, without doing it. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileChanges, type SettingChange, settingChanges } from '../../../lib/diff.js';
import { parseEnvironment } from '../../../lib/environment.js';
import type { Promotion } from '../../../lib/promote.js';
import { count, printable } from '../../../lib/text.js';
import { newTable } from '../../../lib/toml/values.js';
import type { Table } from '../../../lib/types.js';
import type { Layout } from '../../../store/layout.js';
import { openLog } from '../../../store/log.js';
import { readPointer } from '../../../store/pointer.js';
import type { Outcome } from '../../cli/command.js';
import type { Style } from '../../cli/style.js';
import type { Org } from '../../workspace.js';
import { remarks } from './promote.js';

export async function preview(layout: Layout, org: Org, env: string, promotion: Promotion): Promise<Outcome> {
  const head = (await openLog(org.layout.history(env))).head()?.record;
  const { bundle } = promotion;
  const changed = head?.bundle !== bundle.name;
  const generation = changed ? (head?.generation ?? 0) + 1 : (head?.generation as number);
  const before = head ? contentsOf(layout, head.bundle) : new Map<string, string>();
  const settings = settingChanges(
    documentOf(before.get('env.toml')),
    documentOf(bundle.files.find(f => f.path === 'env.toml')?.content),
  );
  const files = fileChanges(before, bundle).filter(file => file.path !== 'bundle.json');
  const warnings = [...promotion.warnings];
  if (readPointer(org.layout, env).state === 'foreign')
    warnings.push(`${org.layout.pointer(env)} was edited or replaced by hand: a promote would refuse`);
  return {
    schema: 'tsm/promote/1',
    data: {
      org: org.name,
      env,
      dryRun: true,
      generation,
      bundle: bundle.name,
      path: layout.object(bundle.name),
      changed,
      settings: settings.map(setting => ({ ...setting })),
      files: files.map(file => ({ ...file })),
      unmet: promotion.unmet.map(unmet => ({ ...unmet })),
      accepted: promotion.waivers.map(waiver => ({ ...waiver })),
      warnings,
    },
    text: style => {
      const lines = changed
        ? [`${org.name} ${env} would become generation ${style.bold(String(generation))}; nothing was written`]
        : [`${org.name} ${env} would stay at generation ${style.bold(String(generation))}: nothing would change`];
      if (changed && head)
        lines.push(
          `  ${count(settings.length, 'setting')} would change:`,
          ...settings.map(setting => settingLine(setting, style)),
        );
      if (changed)
        lines.push(
          `  ${count(files.length, 'file')} would change:`,
          ...files.map(file => `    ${file.change.padEnd(7)}  ${file.path}`),
        );
      return [...lines, ...remarks(promotion, style), ''].join('\n');
    },
    warnings,
  };
}

export function settingLine({ key, before, after }: SettingChange, style: Style): string {
  const old = before === undefined ? style.dim('(not set)') : style.red(printable(before));
  const now = after === undefined ? style.dim('(not set)') : style.green(printable(after));
  return `    ${key}  ${old} -> ${now}`;
}

/** The files of a bundle in the store, by path; none where it is gone. */
function contentsOf(layout: Layout, bundle: string): Map<string, string> {
  const root = layout.object(bundle);
  const manifest = join(root, 'bundle.json');
  if (!existsSync(manifest)) return new Map();
  const { files } = JSON.parse(readFileSync(manifest, 'utf8')) as { files: { path: string }[] };
  return new Map(files.map(({ path }) => [path, readFileSync(join(root, path), 'utf8')]));
}

function documentOf(text: string | undefined): Table {
  const parsed = text === undefined ? undefined : parseEnvironment(text);
  return parsed && !parsed.problems ? parsed.document : newTable();
}
