/** `tsm org rollback @ENV [N]`: append a generation that points to an older generation's bundle. */

import { TetraError } from '../../../lib/errors.js';
import { type LogRecord, wantedBefore } from '../../../lib/history.js';
import { envName } from '../../../lib/names.js';
import { expectBundle } from '../../../store/bundles.js';
import type { Layout } from '../../../store/layout.js';
import type { LogHead, PointerLog } from '../../../store/log.js';
import { move } from '../../../store/move.js';
import type { Input, Outcome } from '../../cli/command.js';
import { messageOption } from '../../cli/message.js';
import { claimPointer } from '../../operator/edited.js';
import { generationArgument, generationOf, historyOf } from '../../operator/generations.js';
import { operator } from '../../operator/provenance.js';
import { currentOrg } from '../../operator/workspace.js';

export async function run({ args, options, workspace }: Input): Promise<Outcome> {
  const { layout } = workspace;
  const env = envName(args[0] as string);
  const wanted = args[1] === undefined ? undefined : generationArgument(args[1]);
  const message = messageOption(options);
  const org = currentOrg(workspace);
  const { log } = await historyOf(org, env);
  if (options.flags.has('dry-run')) {
    const head = log.head() as LogHead;
    return outcome({
      org: org.name,
      env,
      layout,
      record: head.record,
      target: targetOf(log, head, env, wanted),
      kind: 'planned',
    });
  }

  // The guard stands before the pointer is touched, and behind every reason to refuse.
  targetOf(log, log.head() as LogHead, env, wanted);
  const warnings = await claimPointer(layout, org, env, options.flags.has('discard'));
  let target: LogRecord | undefined;
  const { record, moved } = await move(layout, org.layout, env, head => {
    target = targetOf(log, head as LogHead, env, wanted);
    if (target.bundle === head?.record.bundle) return null;
    expectBundle(layout, target.bundle, `tsm org history @${env}`);
    const { bundle, deriver, commit, dirty, accepted } = target;
    const by = operator();
    return {
      action: 'rollback',
      of: target.generation,
      bundle,
      deriver,
      at: new Date().toISOString(),
      by,
      commit,
      dirty,
      accepted,
      message,
    };
  });
  const kind = moved ? 'moved' : 'unchanged';
  return { ...outcome({ org: org.name, env, layout, record, target: target as LogRecord, kind }), warnings };
}

interface Result {
  readonly org: string;
  readonly env: string;
  readonly layout: Layout;
  /** The newest record: ours, or the one that already was where we wanted to go. */
  readonly record: LogRecord;
  readonly target: LogRecord;
  readonly kind: 'moved' | 'unchanged' | 'planned';
}

function outcome({ org, env, layout, record, target, kind }: Result): Outcome {
  const changed = kind === 'planned' ? target.bundle !== record.bundle : kind === 'moved';
  const generation = kind === 'planned' && changed ? record.generation + 1 : record.generation;
  return {
    schema: 'tsm/rollback/1',
    data: {
      org,
      env,
      generation,
      bundle: target.bundle,
      path: layout.object(target.bundle),
      changed,
      of: target.generation,
      ...(kind === 'planned' ? { dryRun: true } : {}),
      unmet: [],
      accepted: target.accepted,
      warnings: [],
    },
    text: style => {
      const now = style.bold(String(generation));
      if (!changed)
        return `${org} ${env} is already at the bundle of generation ${target.generation}: nothing changed\n`;
      const words = kind === 'planned' ? 'would become' : 'is at';
      const lines = [`${org} ${env} ${words} generation ${now}, which is generation ${target.generation} again`];
      lines.push(`  bundle   ${style.dim(target.bundle)}`);
      if (target.message) lines.push(`  message  ${target.message.split('\n', 1)[0]}`);
      return `${lines.join('\n')}\n`;
    },
  };
}

function targetOf(log: PointerLog, head: LogHead, env: string, wanted: number | undefined): LogRecord {
  if (wanted !== undefined) return generationOf(log, head.record, env, wanted);
  const target = wantedBefore(head.record, generation => log.generation(generation));
  if (target) return target;
  throw new TetraError('no-history', `nothing else was wanted before generation ${head.record.generation} of ${env}`, {
    hint: `tsm org history @${env}, then tsm org rollback @${env} N`,
    facts: { env, newest: head.record.generation },
  });
}
