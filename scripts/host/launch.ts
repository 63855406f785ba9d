/** Starting an activation so that it outlives whoever asked, and reading along until its verdict. */

import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ActivationRequest, Verdict } from '../../lib/host/activation.js';
import { makeFolder, syncFolder, writeNew } from '../../store/durable.js';
import { bootUnit } from './boot-units.js';
import { ended } from './decide.js';
import { EventReader, EventWriter, type WrittenEvent } from './events.js';
import { newestSeq, readRecord } from './history.js';
import type { EnvironmentLayout, HostLayout } from './layout.js';
import { commandOf, leaseBusy, readHolder } from './lease.js';
import { readPending } from './pending.js';
import { tell, verdictOf } from './settle.js';
import { halt } from './system.js';
import { isActive, startTransient } from './systemd.js';

/** Activations whose events are kept for a look. */
const kept = 20;

/** Starts it and returns at once. The request is on the disk before anything runs. */
export function launch(layout: HostLayout, request: ActivationRequest) {
  const environment = layout.environment(request.org, request.env);
  const activation = environment.activation(request.id);
  forgetOld(environment);
  makeFolder(activation.root);
  // What services wrote to the journal is not for everybody.
  chmodSync(environment.activations, 0o700);
  writeNew([{ path: activation.request, content: `${JSON.stringify(request)}\n`, mode: 0o600 }]);
  syncFolder(activation.root);
  const names = [request.org, request.env, request.id];
  const command = commandOf(layout, 'run', ...names);
  if (!layout.isLive) {
    const [program, ...args] = command;
    const child = spawn(program as string, args, { detached: true, stdio: 'ignore' });
    child.on('exit', () => ended(layout, environment, request.id));
    return;
  }
  const unit = {
    unit: environment.activateUnit,
    description: `tsm: activation of ${environment.name}, generation ${request.generation}`,
    command,
    after: unlessThere(activation.verdict, commandOf(layout, 'ended', ...names)),
  };
  let ran = startTransient(unit);
  for (let attempt = 1; ran.code !== 0 && attempt <= 50 && isLeaving(layout, environment); attempt++) {
    halt(100);
    ran = startTransient(unit);
  }
  if (ran.code === 0) return;
  const busy = isActive(environment.activateUnit);
  const reason = busy ? `another activation of ${environment.name} is under way` : ran.stderr.trim();
  refuse(environment, request.id, busy ? leaseBusy(layout, reason) : { reason, code: 'refused' });
}

/** Whoever heard the verdict may ask for the next activation at once, while the unit that said it is about to end. */
function isLeaving(layout: HostLayout, environment: EnvironmentLayout): boolean {
  const holder = readHolder(layout);
  return holder !== null && existsSync(environment.activation(holder.id).verdict);
}

/** A command for ExecStopPost= that is run only where the file is not there; a shell looks faster than Node starts. */
function unlessThere(path: string, command: readonly string[]): string[] {
  return ['/bin/sh', '-c', `"test -e ${path} || exec ${command.join(' ')}"`];
}

/** A verdict before anything began. */
export function refuse(
  environment: EnvironmentLayout,
  id: string,
  why: Pick<Verdict, 'reason' | 'code' | 'hint' | 'details'>,
): Verdict {
  const { events } = environment.activation(id);
  const seq = newestSeq(environment);
  const active = seq === 0 ? null : readRecord(environment, seq).record.active;
  const verdict: Verdict = {
    outcome: 'refused',
    generation: active?.generation ?? null,
    bundle: active?.bundle ?? null,
    held: [],
    ...why,
  };
  tell(environment, id, new EventWriter(events, Date.now()), verdict);
  return verdict;
}

/** Hands on every event, from the first, until the verdict. */
export async function follow(
  layout: HostLayout,
  environment: EnvironmentLayout,
  id: string,
  hear: (event: WrittenEvent) => void,
): Promise<Verdict> {
  const reader = new EventReader(environment.activation(id).events);
  let at = 0;
  for (let idle = 0; ; idle++) {
    for (const event of reader.read()) {
      idle = 0;
      at = event.at;
      hear(event);
      if (event.event === 'verdict') return event.verdict;
    }
    // Events may be lost on a full disk or with a power cut; what came of it is not.
    if (idle >= 100) {
      const verdict = decided(environment, id) ?? (isUnderWay(layout, environment, id) ? null : lost(environment));
      if (verdict) {
        hear({ event: 'verdict', verdict, at });
        return verdict;
      }
      idle = 0;
    }
    await pause(20);
  }
}

/** What came of an activation; `null` where it is not decided. */
export function decided(environment: EnvironmentLayout, id: string): Verdict | null {
  const told = readVerdict(environment.activation(id).verdict);
  if (told) return told;
  for (let seq = newestSeq(environment); seq > 0; seq--) {
    const { record } = readRecord(environment, seq);
    if (record.id === id) return verdictOf(record);
    if (newestSeq(environment) - seq > kept) break;
  }
  return null;
}

/** A power cut may leave it empty; the record says it, too. */
function readVerdict(path: string): Verdict | null {
  if (!existsSync(path)) return null;
  const text = readFileSync(path, 'utf8');
  return text.endsWith('\n') ? (JSON.parse(text) as Verdict) : null;
}

/** Whether something is there that will decide it. */
function isUnderWay(layout: HostLayout, environment: EnvironmentLayout, id: string): boolean {
  if (!layout.isLive) return readHolder(layout)?.id === id;
  return [environment.activateUnit, environment.revertUnit, bootUnit].some(isActive);
}

function lost(environment: EnvironmentLayout): Verdict {
  const hint = `journalctl -u ${environment.activateUnit} -u ${environment.revertUnit} -u ${bootUnit}`;
  const none = { hint, generation: null, bundle: null, held: [] };
  if (!readPending(environment))
    return { ...none, outcome: 'refused', code: 'refused', reason: 'the activation ended, and left no word' };
  const reason = 'the activation ended half-way, and nothing takes it back: the next activation does so first';
  return { ...none, outcome: 'revert-failed', reason };
}

function forgetOld(environment: EnvironmentLayout) {
  if (!existsSync(environment.activations)) return;
  const age = (name: string) => statSync(join(environment.activations, name)).mtimeMs;
  const names = readdirSync(environment.activations).sort((a, b) => age(b) - age(a));
  const held = readPending(environment)?.pending.id;
  for (const name of names.slice(kept))
    if (name !== held) rmSync(environment.activation(name).root, { recursive: true, force: true });
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));
