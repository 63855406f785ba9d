/**
 * The program on a host: verbs for the operator's side (`activate`, `confirm` ...), for the units that it starts itself
 * (`run`, `deadline` ...) and for the start of the host (`boot`). Requests come on standard input, answers are JSON, one
 * document a line.
 */

import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { exitCodes, TetraError } from '../../lib/errors.js';
import type { ActivationRequest, Verdict } from '../../lib/host/activation.js';
import { envNameProblem, orgNameProblem } from '../../lib/names.js';
import { isErrno, replaceLoosely } from '../../store/durable.js';
import { boot, install } from './boot.js';
import { confirm } from './confirm.js';
import { deadline, ended } from './decide.js';
import { decided, follow, launch } from './launch.js';
import { type EnvironmentLayout, HostLayout } from './layout.js';
import { leaseBusy, takeLease } from './lease.js';
import { readPending } from './pending.js';
import { receive } from './receive.js';
import { Refusal } from './refusal.js';
import { run } from './run.js';
import { statusOf } from './status.js';
import { isStartedAs, queue } from './systemd.js';

/** Raised with what the operator's side and the host say to each other. */
export const protocol = 1;

interface Call {
  readonly layout: HostLayout;
  readonly args: readonly string[];
}

const verbs: Readonly<Record<string, (call: Call) => Promise<void> | void>> = {
  install: ({ layout }) => install(layout, process.argv[1] as string),
  receive: async ({ layout, args }) => {
    const { org, env } = environmentOf(layout, args);
    if (!takeLease(layout, 10)) throw busy(layout);
    print(await receive(layout.store, process.stdin, { org, env, host: args[2] ?? hostname() }));
  },
  status: async ({ layout, args }) => print(await statusOf(layout, args)),
  activate: async ({ layout }) => {
    const request = JSON.parse(readFileSync(0, 'utf8')) as ActivationRequest;
    launch(layout, request);
    await follow(layout, layout.environment(request.org, request.env), request.id, print);
  },
  follow: async ({ layout, args }) => {
    await follow(layout, environmentOf(layout, args), idOf(args), print);
  },
  confirm: async ({ layout, args }) => {
    print(await confirm(layout, environmentOf(layout, args), args[2] || undefined, connectionOf(args[3])));
  },
  revert: async ({ layout, args }) =>
    print(await revert(layout, environmentOf(layout, args), args[2] || undefined, args[3])),
  cancel: ({ layout, args }) => {
    const { activateUnit } = environmentOf(layout, args);
    // Somebody else's may run under the same name.
    if (isStartedAs(activateUnit, idOf(args))) queue('stop', [activateUnit]);
  },
  run: async ({ layout, args }) => {
    await run(layout, environmentOf(layout, args), idOf(args));
  },
  ended: ({ layout, args }) => ended(layout, environmentOf(layout, args), idOf(args)),
  deadline: ({ layout, args }) => deadline(layout, environmentOf(layout, args), idOf(args)),
  boot: ({ layout }) => {
    const problems = boot(layout);
    if (problems.length > 0) throw new Error(problems.join('\n'));
  },
};

/** Stopping the guard is what the deadline does, too: the same unit takes it back, whoever asked. */
async function revert(
  layout: HostLayout,
  environment: EnvironmentLayout,
  wanted: string | undefined,
  by: string | undefined,
): Promise<Verdict> {
  const id = wanted ?? readPending(environment)?.pending.id;
  const done = id === undefined ? null : decided(environment, id);
  if (done) return done;
  if (id === undefined || readPending(environment)?.pending.id !== id)
    throw new Refusal({
      code: 'refused',
      reason: `no activation of ${environment.name} is under way`,
      hint: `to go back to an older generation: tsm org rollback @${environment.env} --activate`,
    });
  noteAsked(environment, id, by ?? 'somebody on the host');
  if (layout.isLive) queue('stop', [environment.revertUnit]);
  else deadline(layout, environment, id);
  return await follow(layout, environment, id, () => {});
}

/** Only words: on a full disk it is taken back without them. */
function noteAsked(environment: EnvironmentLayout, id: string, by: string) {
  try {
    replaceLoosely(environment.activation(id).asked, `${by} asked for it`);
  } catch (error) {
    if (!isErrno(error, 'ENOSPC', 'EDQUOT', 'EROFS', 'EIO')) throw error;
  }
}

function busy(layout: HostLayout): TetraError {
  const { reason = '', hint } = leaseBusy(layout);
  return new TetraError('busy', reason, { hint });
}

function environmentOf(layout: HostLayout, [org = '', env = '']: readonly string[]): EnvironmentLayout {
  const problem = orgNameProblem(org) ?? envNameProblem(env);
  if (problem) throw new TetraError('usage', problem);
  return layout.environment(org, env);
}

function idOf([, , id = '']: readonly string[]): string {
  if (/^[0-9a-f]{16}$/.test(id)) return id;
  throw new TetraError('usage', 'not the id of an activation');
}

/** As sshd(8) writes it; nothing else is passed on. */
function connectionOf(text: string | undefined): string | null {
  return text && /^[0-9a-zA-Z.:%]+ \d+ [0-9a-zA-Z.:%]+ \d+$/.test(text) ? text : null;
}

function print(value: unknown) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

async function main(argv: readonly string[]): Promise<number> {
  // A client that goes away must not take the host's work along.
  process.stdout.on('error', () => {});
  const root = argv[0]?.startsWith('--root=') ? argv[0].slice('--root='.length) : '';
  const [verb = '', ...args] = root === '' ? argv : argv.slice(1);
  const action = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  try {
    if (!action) throw new TetraError('usage', `the host has no verb ${JSON.stringify(verb)}; is its tsm older?`);
    await action({ layout: new HostLayout(root), args });
    return 0;
  } catch (error) {
    return fail(error);
  }
}

function fail(error: unknown): number {
  if (error instanceof Refusal) {
    print({ refusal: error.verdict });
    return 1;
  }
  const known = error instanceof TetraError ? error : null;
  const message = known?.message ?? `the host's tsm failed: ${(error as Error).message}`;
  print({ error: { code: known?.code ?? 'internal-error', message, hint: known?.hint, ...known?.facts } });
  if (process.env.TETRA_DEBUG) process.stderr.write(`${(error as Error).stack}\n`);
  return known ? exitCodes[known.code] : 1;
}

main(process.argv.slice(2)).then(code => {
  process.exitCode = code;
});
