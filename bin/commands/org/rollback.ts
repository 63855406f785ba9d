/** `tsm org rollback @ENV [N]`: append a generation that points to an older generation's bundle. */

import { TetraError, usage } from '../../../lib/errors.js';
import { confirmedBefore, type LogRecord, wantedBefore } from '../../../lib/history.js';
import { envName } from '../../../lib/names.js';
import { printable } from '../../../lib/text.js';
import { expectBundle } from '../../../store/bundles.js';
import type { Layout } from '../../../store/layout.js';
import type { PointerLog } from '../../../store/log.js';
import { move } from '../../../store/move.js';
import type { Input, Options, Outcome } from '../../cli/command.js';
import { messageOption } from '../../cli/message.js';
import { claimPointer } from '../../operator/edited.js';
import { generationArgument, generationOf, historyOf } from '../../operator/generations.js';
import { operator } from '../../operator/provenance.js';
import { currentOrg } from '../../operator/workspace.js';

export async function run(input: Input): Promise<Outcome> {
  const { args, options, workspace } = input;
  const { layout } = workspace;
  const env = envName(args[0] as string);
  const wanted = args[1] === undefined ? undefined : generationArgument(args[1]);
  const message = messageOption(options);
  const org = currentOrg(workspace);
  if (!options.flags.has('activate')) expectOwn(options, env);
  const { log, head } = await historyOf(org, env);
  const seen = targetOf(log, head, env, wanted);
  expectBundle(layout, seen.bundle, `tsm org history @${env}`);
  const about = { org: org.name, env, layout };
  if (options.flags.has('dry-run'))
    return outcome({ ...about, record: head, target: seen, kind: 'planned', warnings: [] });

  if (options.flags.has('activate')) {
    // The pointer must not move where the hosts would be refused.
    const [{ authorize }, { rebuild }] = await Promise.all([
      import('../../operator/delivery.js'),
      import('../../operator/build.js'),
    ]);
    const promotion = rebuild(layout, seen.deriver)?.promotion ?? null;
    const command = `tsm org rollback @${env}${wanted === undefined ? '' : ` ${wanted}`} --activate`;
    await authorize({ org, env, options, promotion, command });
  }
  // What was edited by hand is set aside last, behind every reason to refuse.
  const warnings = await claimPointer(layout, org, env, options.flags.has('discard'));
  let target: LogRecord | undefined;
  const { record, moved } = await move(layout, org, env, newest => {
    // Another process may have been faster, and then there is another target.
    const current = newest?.record ?? head;
    target = targetOf(log, current, env, wanted);
    if (target.bundle === current.bundle) return null;
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
  const result = outcome({ ...about, record, target: target ?? seen, kind, warnings });
  if (!options.flags.has('activate')) return result;
  const { activated } = await import('../../operator/activated.js');
  return await activated(input, { org, env, log, record }, result);
}

/** What is meant for an activation is nothing to forget silently. */
function expectOwn({ flags, values }: Options, env: string) {
  const own = ['message', 'dry-run', 'discard'];
  const stray = [...flags, ...values.keys()].find(name => !own.includes(name));
  if (stray !== undefined) throw usage(`--${stray} says how to activate`, `tsm org rollback @${env} --activate`);
}

interface Result {
  readonly org: string;
  readonly env: string;
  readonly layout: Layout;
  /** The newest record: ours, or the one that already was where we wanted to go. */
  readonly record: LogRecord;
  readonly target: LogRecord;
  readonly kind: 'moved' | 'unchanged' | 'planned';
  readonly warnings: readonly string[];
}

function outcome({ org, env, layout, record, target, kind, warnings }: Result): Outcome {
  const changed = kind === 'planned' ? target.bundle !== record.bundle : kind === 'moved';
  const generation = kind === 'planned' && changed ? record.generation + 1 : record.generation;
  return {
    schema: 'tsm/rollback/1',
    // Only JSON asks what is unmet, and it takes an evaluation that a rollback can do without.
    data: async () => {
      const { rebuild } = await import('../../operator/build.js');
      const promotion = rebuild(layout, target.deriver)?.promotion;
      return {
        org,
        env,
        generation,
        bundle: target.bundle,
        path: layout.object(target.bundle),
        changed,
        of: target.generation,
        ...(kind === 'planned' ? { dryRun: true } : {}),
        unmet: (promotion?.unmet ?? []).map(item => ({ ...item })),
        accepted: (promotion?.waivers ?? []).map(waiver => ({ ...waiver })),
        warnings,
      };
    },
    text: style => {
      const now = style.bold(String(generation));
      if (!changed)
        return `${org} ${env} is already at the bundle of generation ${target.generation}: nothing changed\n`;
      const words = kind === 'planned' ? 'would become' : 'is at';
      const why = target.message ? ` (${printable(target.message.split('\n', 1)[0] as string)})` : '';
      const title = `${org} ${env} ${words} generation ${now}, which is generation ${target.generation} again${why}`;
      return `${title}\n  bundle  ${style.dim(target.bundle)}\n`;
    },
    warnings,
  };
}

function targetOf(log: PointerLog, head: LogRecord, env: string, wanted: number | undefined): LogRecord {
  if (wanted !== undefined) return generationOf(log, head, env, wanted);
  const read = (generation: number) => log.generation(generation);
  // Without verdicts there are as many records as generations, and nothing to look for.
  const stood = log.headSeq() > head.generation ? confirmedBefore(head, log.newestFirst(), read) : undefined;
  const target = stood ?? wantedBefore(head, read);
  if (target) return target;
  throw new TetraError('no-history', `nothing else was wanted before generation ${head.generation} of ${env}`, {
    hint: `tsm org history @${env}, then tsm org rollback @${env} N`,
    facts: { env, newest: head.generation },
  });
}
