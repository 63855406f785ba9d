/**
 * Whole processes in interleaved rounds, so that a machine whose speed drifts is as unfair to one as to the other.
 * Medians, and their ratios to one of the contestants in the same rounds.
 */

import { spawnSync } from 'node:child_process';

export interface Contest {
  readonly name: string;
  /** Not timed. */
  readonly before?: (round: number) => void;
  readonly command: readonly string[];
  readonly env?: Record<string, string>;
  readonly cwd?: string;
}

/** Runs each contest so many times, and prints what it took. */
export function compete(title: string, contests: readonly Contest[], reference: string, rounds: number) {
  const times = new Map(contests.map(contest => [contest.name, [] as number[]]));
  for (let round = 0; round < rounds + 1; round++)
    for (const contest of contests) {
      contest.before?.(round);
      const took = time(contest);
      // The first round warms caches.
      if (round > 0) times.get(contest.name)?.push(took);
    }
  const base = median(times.get(reference) ?? []);
  console.log(`\n${title} (${rounds} rounds; ratio to: ${reference})`);
  for (const [name, values] of times) {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const ms = (value: number) => value.toFixed(1).padStart(7);
    console.log(
      `  ${name.padEnd(42)} ${ms(median(values))} ms  ${(median(values) / base).toFixed(2).padStart(5)} x   (${ms(low)} to ${ms(high)})`,
    );
  }
}

/** In ms. */
function time({ command, env, cwd }: Contest): number {
  const [program = '', ...args] = command;
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(program, args, {
    env,
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    timeout: 120_000,
  });
  const took = Number(process.hrtime.bigint() - start) / 1e6;
  if (status !== 0) throw new Error(`${command.join(' ')} exited ${status}: ${stderr}`);
  return took;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
