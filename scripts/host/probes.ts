/** A service's own check, asked as often as it wants. */

import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import type { Answer } from '../../lib/host/health.js';
import { type HealthCheck, parseUnit, unitData } from '../../lib/host/unit.js';
import { currentEnvFile } from '../../lib/host-paths.js';
import { variablesFor } from '../../lib/service.js';
import { isErrno } from '../../store/durable.js';
import type { Intent } from './intent.js';
import type { Work } from './run.js';

export interface Probe {
  readonly unit: string;
  /** What it said so far, oldest first. */
  readonly answers: Answer[];
  /** Asks where it is time to, or in any case. Resolves when the answer is there. */
  ask(now: boolean): Promise<void>;
}

/** For those of the units that have a check which can be asked here. */
export function probesFor(work: Work, intent: Intent, units: readonly string[]): Probe[] {
  return units.flatMap(unit => {
    const { health } = unitData(parseUnit(intent.unitFiles.get(unit) ?? ''));
    // Below a folder nothing listens.
    if (!health || (!work.layout.isLive && health.kind !== 'command')) return [];
    return [probe(unit, health, () => answerTo(health, work, intent, unit))];
  });
}

function probe(unit: string, { interval }: HealthCheck, look: () => Promise<Answer>): Probe {
  const answers: Answer[] = [];
  let last = Number.NEGATIVE_INFINITY;
  return {
    unit,
    answers,
    async ask(now) {
      // Until it has passed once it is asked more often, so that nobody waits longer than the service needs.
      const wait = answers.includes(null) ? interval * 1000 : Math.min(500, interval * 1000);
      if (!now && Date.now() - last < wait) return;
      last = Date.now();
      answers.push(await look());
    },
  };
}

function answerTo(health: HealthCheck, work: Work, intent: Intent, unit: string): Promise<Answer> {
  const timeout = health.timeout * 1000;
  if (health.kind === 'http') return httpAnswer(health.url, timeout);
  if (health.kind === 'tcp') return tcpAnswer(health.host, health.port, timeout);
  return commandAnswer(health.argv, timeout, work, intent, unit);
}

async function httpAnswer(url: string, timeout: number): Promise<Answer> {
  // Loaded here, since it takes 10 ms of each start of this program.
  const { get } = await import('node:http');
  return new Promise(done => {
    const request = get(url, { agent: false }, ({ statusCode = 0 }) => {
      // What it says beyond the status may have no end.
      request.destroy();
      end(statusCode >= 200 && statusCode < 400 ? null : `${url} answers ${statusCode}`);
    });
    const limit = setTimeout(() => request.destroy(new Error(`no answer within ${timeout / 1000} s`)), timeout);
    const end = (answer: Answer) => {
      clearTimeout(limit);
      done(answer);
    };
    request.on('error', error => end(`${url}: ${error.message}`));
  });
}

function tcpAnswer(host: string, port: number, timeout: number): Promise<Answer> {
  return new Promise(done => {
    const socket = connect({ host, port, timeout });
    const end = (answer: Answer) => {
      socket.destroy();
      done(answer);
    };
    socket.on('connect', () => end(null));
    socket.on('timeout', () => end(`port ${port}: no answer within ${timeout / 1000} s`));
    socket.on('error', error => end(`port ${port}: ${error.message}`));
  });
}

/** As the service's user, in its folder, with its variables; no shell. */
function commandAnswer(
  argv: readonly string[],
  timeout: number,
  { layout, environment }: Work,
  { settings }: Intent,
  unit: string,
): Promise<Answer> {
  const service = unit.slice(`${environment.name}-`.length, unit.lastIndexOf('.'));
  const variables = Object.fromEntries(
    variablesFor(settings, environment.org, service).map(({ name, value }) => [name, value]),
  );
  const [program, ...args] = layout.isLive
    ? [...asUser(settings.text('deployment.user'), settings.text('deployment.group')), ...argv]
    : argv;
  return new Promise(done => {
    const child = spawn(program as string, args, {
      cwd: layout.isLive ? settings.text(`services.${service}.working_dir`) : layout.root,
      env: {
        PATH: process.env.PATH,
        ...variables,
        TETRA_ENV_FILE: layout.at(currentEnvFile(environment.org, environment.env)),
      },
      stdio: ['ignore', 'ignore', 'pipe'],
      // A group of its own, so that what it started ends with it.
      detached: true,
    });
    let said = '';
    child.stderr.on('data', chunk => {
      said = `${said}${chunk}`.slice(-2000);
    });
    const end = (answer: Answer) => {
      clearTimeout(limit);
      endGroup(child.pid);
      child.stderr.destroy();
      done(answer);
    };
    const limit = setTimeout(() => end(`${argv[0]}: no answer within ${timeout / 1000} s`), timeout);
    child.on('error', error => end(`${argv[0]}: ${error.message}`));
    child.on('exit', code => {
      // What it wrote last may still be on its way.
      setImmediate(() => end(code === 0 ? null : `${argv[0]}: ${said.trim().split('\n').at(-1) || `exit ${code}`}`));
    });
  });
}

/** Becomes the command itself, so that nobody stands between it and a signal (setpriv(1)). */
function asUser(user: string, group: string): string[] {
  return ['setpriv', `--reuid=${user}`, `--regid=${group}`, '--init-groups', '--'];
}

function endGroup(pid: number | undefined) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}
