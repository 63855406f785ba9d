/**
 * The program on a host: verbs for the operator's side (`activate`, `confirm` ...), for the units that it starts itself
 * (`run`, `deadline` ...) and for the start of the host (`boot`). Requests come on standard input, answers are JSON, one
 * document a line.
 */

import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { exitCodes, TetraError } from '../../lib/errors.js';
import { envNameProblem, orgNameProblem } from '../../lib/names.js';
import { boot, install } from './boot.js';
import { confirm } from './confirm.js';
import { deadline, ended } from './decide.js';
import { follow, launch } from './launch.js';
import { type EnvironmentLayout, HostLayout } from './layout.js';
import { leaseBusy, takeLease } from './lease.js';
import { Refusal } from './refusal.js';
import { connectionIn, expectId, parseRequest } from './request.js';
import { revert } from './revert.js';
import { statusOf } from './status.js';
import { isStartedAs, queue } from './systemd.js';

interface Call {
  readonly layout: HostLayout;
  readonly args: readonly string[];
}

/** The largest modules are loaded when they are run: an activation waits for three starts of this program. */
const verbs: Readonly<Record<string, (call: Call) => Promise<void> | void>> = {
  install: ({ layout }) => install(layout, process.argv[1] as string),
  receive: async ({ layout, args }) => {
    const { org, env } = environmentOf(layout, args);
    if (!takeLease(layout, 10)) throw busy(layout);
    const { receive } = await import('./receive.js');
    print(await receive(layout.store, process.stdin, { org, env, host: args[2] ?? hostname() }));
  },
  status: async ({ layout, args }) => print(await statusOf(layout, args)),
  activate: async ({ layout }) => {
    const request = parseRequest(readFileSync(0, 'utf8'));
    launch(layout, request);
    await follow(layout, layout.environment(request.org, request.env), request.id, print);
  },
  follow: async ({ layout, args }) => {
    await follow(layout, environmentOf(layout, args), expectId(args[2]), print);
  },
  confirm: async ({ layout, args }) => {
    const connection = connectionIn(args[3]);
    if (layout.isLive && connection === null) throw new TetraError('usage', 'no connection is shown as a proof');
    print(await confirm(layout, environmentOf(layout, args), args[2] && expectId(args[2]), connection));
  },
  revert: async ({ layout, args }) =>
    print(await revert(layout, environmentOf(layout, args), args[2] && expectId(args[2]), args[3]?.slice(0, 100))),
  cancel: ({ layout, args }) => {
    const { activateUnit } = environmentOf(layout, args);
    // Somebody else's may run under the same name.
    if (layout.isLive && isStartedAs(activateUnit, expectId(args[2]))) queue('stop', [activateUnit]);
  },
  run: async ({ layout, args }) => {
    const { run } = await import('./run.js');
    await run(layout, environmentOf(layout, args), expectId(args[2]));
  },
  ended: ({ layout, args }) => ended(layout, environmentOf(layout, args), expectId(args[2])),
  deadline: ({ layout, args }) => deadline(layout, environmentOf(layout, args), expectId(args[2])),
  boot: ({ layout }) => {
    const problems = boot(layout);
    if (problems.length > 0) throw new Error(problems.join('\n'));
  },
};

function busy(layout: HostLayout): TetraError {
  const { reason = '', hint } = leaseBusy(layout);
  return new TetraError('busy', reason, { hint });
}

function environmentOf(layout: HostLayout, [org = '', env = '']: readonly string[]): EnvironmentLayout {
  const problem = orgNameProblem(org) ?? envNameProblem(env);
  if (problem) throw new TetraError('usage', problem);
  return layout.environment(org, env);
}

function print(value: unknown) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Answers one call of the operator's side, of a unit of ours, or of the host's start. Resolves with the exit code. */
export async function answer(argv: readonly string[]): Promise<number> {
  // A client that goes away must not take the host's work along.
  process.stdout.on('error', () => {});
  const root = argv[0]?.startsWith('--root=') ? argv[0].slice('--root='.length) : '';
  const [verb = '', ...args] = root === '' ? argv : argv.slice(1);
  const action = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  try {
    // Who may call the server's program as root by sudo may not let it write elsewhere.
    if (root !== '' && process.argv[1] === new HostLayout('').program)
      throw new TetraError('usage', 'the program of a server works on that server');
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
