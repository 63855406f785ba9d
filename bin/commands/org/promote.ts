/** `tsm org promote @ENV`: read local.toml, build the bundle, make sure it is in the store, move the pointer. */

import { derivationFile } from '../../../lib/derivation.js';
import { usage } from '../../../lib/errors.js';
import { bringsBack, type LogRecord } from '../../../lib/history.js';
import type { Json } from '../../../lib/json.js';
import { envName } from '../../../lib/names.js';
import type { Promotion } from '../../../lib/promote.js';
import { keyText, printable } from '../../../lib/text.js';
import { realise } from '../../../store/bundles.js';
import type { OrgLayout } from '../../../store/layout.js';
import { type Move, move } from '../../../store/move.js';
import type { Input, Options, Outcome } from '../../cli/command.js';
import { messageOption } from '../../cli/message.js';
import type { Style } from '../../cli/style.js';
import { build, buildFrom } from '../../operator/build.js';
import { checkReproducible } from '../../operator/check.js';
import { claimPointer } from '../../operator/edited.js';
import { generationArgument, generationOf, historyOf } from '../../operator/generations.js';
import { type CommitInfo, operator, repositoryOf } from '../../operator/provenance.js';
import { currentOrg } from '../../operator/workspace.js';

export async function run({ args, options, workspace }: Input): Promise<Outcome> {
  const { layout } = workspace;
  const env = envName(args[0] as string);
  const message = messageOption(options);
  const org = currentOrg(workspace);
  const from = await fromOption(options, org);
  const { promotion, source } = from ? buildFrom(layout, org, env, from.record) : build(org, env);
  if (options.flags.has('check')) checkReproducible(source, org.name, env, promotion);
  if (options.flags.has('dry-run')) {
    const { preview } = await import('./preview.js');
    return preview(layout, org, env, promotion);
  }

  if (!options.flags.has('discard')) await claimPointer(layout, org, env, false);
  const warnings = [...promotion.warnings];
  const derivation = derivationFile(promotion.derivation);
  const bundle = promotion.bundle.name;
  const storePath = realise(layout, promotion.bundle, derivation);
  const entry = {
    action: 'promote',
    bundle,
    deriver: derivation.name,
    from: from?.name,
    by: operator(),
    ...(from ? { commit: from.record.commit, dirty: from.record.dirty } : await commitOf(org, warnings)),
    accepted: promotion.waivers.length > 0 ? promotion.waivers.map(waiver => waiver.rule) : undefined,
    message,
  } as const;
  // Set aside last, behind every reason to refuse.
  warnings.push(...(await claimPointer(layout, org, env, options.flags.has('discard'))));
  let isBack = false;
  const moved = await move(layout, org, env, (head, log) => {
    if (head?.record.bundle === bundle) return null;
    isBack = head !== null && bringsBack(bundle, head.record, generation => log.generation(generation));
    return { ...entry, at: new Date().toISOString() };
  });
  if (isBack) warnings.push(backWarning);
  return outcome(org, env, promotion, moved, storePath, warnings);
}

/** After a rollback local.toml still holds what was rolled back. */
export const backWarning = 'this very bundle was rolled back; a promote brings it back again';

/** `--from @staging` or `--from @staging:3`: the very source that another generation was made of. */
async function fromOption(options: Options, org: OrgLayout): Promise<{ name: string; record: LogRecord } | undefined> {
  const word = options.values.get('from');
  if (word === undefined) return undefined;
  const [name = '', number, ...more] = word.split(':');
  if (more.length > 0)
    throw usage(`--from takes @ENV or @ENV:N, not ${JSON.stringify(printable(word))}`, 'tsm org promote --help');
  const env = envName(name);
  const { log, head } = await historyOf(org, env);
  const record = number === undefined ? head : generationOf(log, head, env, generationArgument(number));
  return { name: `${env}:${record.generation}`, record };
}

async function commitOf(org: OrgLayout, warnings: string[]): Promise<Partial<CommitInfo>> {
  const repository = await repositoryOf(org);
  const [first, ...others] = repository?.tracked ?? [];
  if (first !== undefined)
    warnings.push(
      `git tracks ${first}${others.length > 0 ? ` and ${others.length} more` : ''}, which is generated or secret; git rm --cached takes it out`,
    );
  return repository?.commit ?? {};
}

function outcome(
  org: OrgLayout,
  env: string,
  promotion: Promotion,
  moved: Move,
  path: string,
  warnings: string[],
): Outcome {
  const { generation, bundle } = moved.record;
  return {
    schema: 'tsm/promote/1',
    data: {
      org: org.name,
      env,
      generation,
      path,
      pointer: org.pointer(env),
      changed: moved.moved,
      ...promotionJson(promotion),
      warnings,
    },
    text: style => {
      const number = style.bold(String(generation));
      if (!moved.moved) return `${org.name} ${env} is already at generation ${number}: nothing changed\n`;
      const was = moved.before ? ` (was ${moved.before.generation})` : '';
      const lines = [`${org.name} ${env} is at generation ${number}${was}`];
      lines.push(`  bundle  ${style.dim(bundle)}`, `  file    ${org.pointer(env)}`);
      return `${[...lines, ...remarks(promotion, style)].join('\n')}\n`;
    },
    warnings,
  };
}

/** What a promotion says of itself, whether it is done or only shown. */
export function promotionJson({ bundle, unmet, waivers, applicationTables }: Promotion): {
  readonly [key: string]: Json;
} {
  return {
    bundle: bundle.name,
    unmet: unmet.map(item => ({ ...item })),
    accepted: waivers.map(waiver => ({ ...waiver })),
    applicationTables,
  };
}

/** What a person should read before the bundle goes anywhere. */
export function remarks(promotion: Promotion, style: Style): string[] {
  const { applicationTables: tables, waivers, unmet } = promotion;
  const lines: string[] = [];
  const list = (title: string, items: readonly (readonly [string, string])[]) => {
    if (items.length === 0) return;
    const width = Math.max(...items.map(([name]) => name.length));
    lines.push(style.yellow(`  ${title}:`));
    for (const [name, text] of items) lines.push(`    ${name.padEnd(width)}  ${printable(text)}`);
  };
  if (tables.length > 0)
    lines.push(`  handed on to the application: ${tables.map(name => `[${keyText(name)}]`).join(' ')}`);
  list(
    'accepted, though the profile objects',
    waivers.map(({ rule, reason }) => [rule, reason]),
  );
  for (const [where, title] of [
    ['source', 'not met yet'],
    ['host', 'needed on the server'],
  ] as const)
    list(
      title,
      unmet.filter(item => item.where === where).map(({ rule, reason, remedy }) => [rule, `${remedy} (${reason})`]),
    );
  return lines;
}
