/**
 * How long commands take as a user feels it: `npm run bench [ROUNDS [PART ...]]`, where a part is promote, history or
 * activate. Peers that are not installed are named as missing.
 */

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import xxhash from 'xxhash-wasm';
import { sha256 } from '../../lib/digest.js';
import type { LogRecord } from '../../lib/history.js';
import { canonicalJson } from '../../lib/json.js';
import { recordName } from '../../store/layout.js';
import { hasProgram } from '../support/needs.js';
import { Sandbox, tsmPath, withSetting } from '../support/sandbox.js';
import { benchActivations } from './activation.js';
import { type Contest, compete } from './contest.js';

const [, , words = '25', ...parts] = process.argv;
const rounds = Number(words);
const isAsked = (part: string) => parts.length === 0 || parts.includes(part);
const { h64ToString } = await xxhash();

const node = process.execPath;
const empty: Contest = { name: 'empty node', command: [node, '-e', '0'], env: { PATH: process.env.PATH ?? '' } };

/** Removed at the end. */
const boxes: Sandbox[] = [];

/** A sandbox whose next promote of prod always finds a change. */
function changing(): { box: Sandbox; change: (round: number) => void } {
  const box = new Sandbox();
  boxes.push(box);
  const source = box.org('acme');
  const template = readFileSync(source, 'utf8');
  const first = Date.now();
  const change = (round: number) => writeFileSync(source, withSetting(template, first + round));
  change(-1);
  box.json('org', 'promote', '@prod');
  return { box, change };
}

function promoteContests(): Contest[] {
  const { box, change } = changing();
  const still = changing().box;
  const of = (which: Sandbox, ...args: string[]) => ({
    command: [node, tsmPath, ...args],
    env: which.environment(),
    cwd: which.home,
  });
  return [
    empty,
    { name: 'tsm --version', ...of(still, '--version') },
    { name: 'tsm org promote, changed', before: change, ...of(box, 'org', 'promote', '@prod') },
    { name: 'tsm org promote, nothing changed', ...of(still, 'org', 'promote', '@prod') },
    { name: 'tsm org diff, nothing pending', ...of(still, 'org', 'diff', '@prod', '--exit-code') },
    ...peers(),
  ];
}

/** Equal work: the files of a bundle into a content-addressed store, and a pointer moved to them. */
function peers(): Contest[] {
  const { box } = changing();
  const bundle = box.json('org', 'promote', '@prod').path;
  const folder = mkdtempSync(join(box.home, 'bench-'));
  const tree = join(folder, 'tree');
  const fill = (round: number) => {
    if (readdirSync(folder).includes('tree')) execFileSync('chmod', ['-R', 'u+w', tree]);
    cpSync(bundle, tree, { recursive: true, force: true });
    execFileSync('chmod', ['-R', 'u+w', tree]);
    writeFileSync(join(tree, 'round'), `${Date.now()} ${round}`);
  };
  fill(0);
  return [...nixContest(folder, fill), ...ostreeContest(folder, tree, fill), ...gitContest(folder, tree, fill)];
}

function nixContest(folder: string, fill: (round: number) => void): Contest[] {
  if (!hasProgram('nix-build')) return missing('nix-build');
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    NIX_CONFIG: 'build-users-group =\nsandbox = false\nsubstitute = false',
  };
  writeFileSync(
    join(folder, 'default.nix'),
    `derivation { name = "acme-prod"; system = builtins.currentSystem; builder = "/bin/sh"; src = ./tree;
       args = [ "-c" "PATH=/usr/bin:/bin; cp -r $src $out" ]; }`,
  );
  const script = `out=$(nix-build --no-out-link default.nix 2>/dev/null) && nix-env -p ${folder}/profile --set "$out"`;
  return [{ name: 'nix-build + nix-env --set', before: fill, command: ['sh', '-c', script], env, cwd: folder }];
}

function ostreeContest(folder: string, tree: string, fill: (round: number) => void): Contest[] {
  if (!hasProgram('ostree')) return missing('ostree');
  execFileSync('ostree', ['init', `--repo=${folder}/ostree`, '--mode=bare-user']);
  const command = ['ostree', 'commit', `--repo=${folder}/ostree`, '--branch=acme/prod', `--tree=dir=${tree}`];
  return [{ name: 'ostree commit', before: fill, command, env: { PATH: process.env.PATH ?? '' } }];
}

function gitContest(folder: string, tree: string, fill: (round: number) => void): Contest[] {
  if (!hasProgram('git')) return missing('git');
  mkdirSync(join(folder, 'git'));
  const env = {
    PATH: process.env.PATH ?? '',
    GIT_DIR: join(folder, 'git'),
    GIT_WORK_TREE: tree,
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@example.com',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@example.com',
  };
  execFileSync('git', ['init', '-q'], { env });
  execFileSync('git', ['config', 'core.fsync', 'all'], { env });
  const script = 'git add -A && git update-ref refs/heads/prod $(git commit-tree -m x $(git write-tree))';
  return [
    {
      name: 'git add, write-tree, commit-tree, update-ref',
      before: fill,
      command: ['sh', '-c', script],
      env,
      cwd: tree,
    },
  ];
}

function missing(program: string): Contest[] {
  console.log(`not installed, so not compared: ${program}`);
  return [];
}

/** A history of that length between two real bundles. Written without the fsync of a real append, to be done today. */
function withHistory(length: number): Sandbox {
  const { box, change } = changing();
  change(0);
  box.json('org', 'promote', '@prod');
  const folder = box.layout.org('acme').history('prod');
  const lines = ['00000001', '00000002'].map(name => readFileSync(join(folder, name), 'utf8'));
  const [odd, even] = lines.map(line => JSON.parse(line.slice(line.indexOf(' ')))) as [LogRecord, LogRecord];
  let previous = sha256(lines[1] as string);
  for (let seq = 3; seq <= length; seq++) {
    const json = canonicalJson({ ...(seq % 2 ? odd : even), seq, generation: seq, previous });
    const line = `xxh64:${h64ToString(json)} ${json}\n`;
    writeFileSync(join(folder, recordName(seq)), line, { mode: 0o444 });
    previous = sha256(line);
  }
  writeFileSync(join(folder, 'head'), `${Math.max(2, length)}\n`);
  return box;
}

function historyContests(): Contest[] {
  const contests: Contest[] = [empty];
  for (const length of [10, 10_000, 100_000]) {
    const box = withHistory(length);
    const of = (...args: string[]) => ({ command: [node, tsmPath, ...args], env: box.environment(), cwd: box.home });
    contests.push(
      { name: `tsm org rollback, ${length} generations`, ...of('org', 'rollback', '@prod') },
      { name: `tsm org history -n 20, ${length} generations`, ...of('org', 'history', '@prod', '-n', '20') },
    );
    // A rollback without a number goes further back each time, so a short history needs numbers.
    if (length === 10) contests[1] = { ...(contests[1] as Contest), ...alternating(box) };
  }
  return contests;
}

function alternating(box: Sandbox): Partial<Contest> {
  let round = 0;
  const command = [node, tsmPath, 'org', 'rollback', '@prod', '1'];
  return {
    command,
    before: () => {
      command[5] = round++ % 2 ? '2' : '1';
    },
    env: box.environment(),
  };
}

try {
  console.log(`Node ${process.version}, ${process.platform} ${process.arch}`);
  if (isAsked('promote')) compete('Promote', promoteContests(), empty.name, rounds);
  if (isAsked('history')) compete('Going back and looking back', historyContests(), empty.name, rounds);
  if (isAsked('activate')) await benchActivations(rounds);
} finally {
  for (const box of boxes) box.remove();
}
