/**
 * Runs the tests: every `*.test.ts` below this folder, without `*.slow.test.ts` where `--fast` is given; other words
 * choose files by a part of their path. A run, a file or a suite that executes nothing is a failure, which uvu alone
 * would not notice.
 */

import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { skipped } from './support/needs.js';

type SuiteRun = () => Promise<[errors: string | true, passed: number, skipped: number, total: number]>;

declare global {
  // What uvu collects while test files are imported: per file its name, then its suites.
  var UVU_QUEUE: [string | null, ...SuiteRun[]][];
  var UVU_INDEX: number;
  var UVU_DEFER: number;
}

const root = import.meta.dirname ?? __dirname;
const fast = process.argv.includes('--fast');
const wanted = process.argv.slice(2).filter(word => !word.startsWith('--'));

const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.test.ts') && !(fast && name.endsWith('.slow.test.ts')))
  .filter(name => wanted.length === 0 || wanted.some(word => name.includes(word)))
  .sort();

async function main() {
  globalThis.UVU_DEFER = 1;
  const { exec } = await import('uvu');
  const totals = { passed: 0, failed: 0, skipped: 0 };
  const idle: string[] = [];
  for (const [index, name] of files.entries()) {
    globalThis.UVU_INDEX = index;
    globalThis.UVU_QUEUE[index] = [name];
    await import(pathToFileURL(join(root, name)).href);
    const [, ...suites] = globalThis.UVU_QUEUE[index] as [string, ...SuiteRun[]];
    if (suites.length === 0) idle.push(`${name}: no suite ran; is .run() missing?`);
    globalThis.UVU_QUEUE[index] = [name, ...suites.map(suite => counted(suite, name, totals, idle))];
  }
  await exec();
  for (const { what, reason } of skipped) console.log(`SKIPPED ${what}: ${reason}`);
  for (const line of idle) console.log(`NOTHING RAN ${line}`);
  if (totals.passed + totals.failed === 0) console.log(`NOTHING RAN in ${relative(process.cwd(), root)}`);
  if (totals.failed + idle.length > 0 || totals.passed === 0) process.exitCode = 1;
  const failed = totals.failed + idle.length;
  console.log(`${totals.passed} passed, ${failed} failed${totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''}`);
}

function counted(
  suite: SuiteRun,
  file: string,
  totals: { passed: number; failed: number; skipped: number },
  idle: string[],
) {
  return async () => {
    const result = await suite();
    const [, passed, skips, total] = result;
    totals.passed += passed;
    totals.failed += total - passed;
    totals.skipped += skips;
    if (total + skips === 0) idle.push(`${file}: a suite without a test`);
    return result;
  };
}

main().catch(error => {
  console.error(error);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
});
