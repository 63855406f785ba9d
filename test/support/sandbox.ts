/** A `$TETRA_DIR` of its own, and the real command run in it. */

import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Layout } from '../../store/layout.js';

export const tsmPath = resolve(import.meta.dirname ?? __dirname, '../../bin/tsm');

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Sandbox {
  readonly home = mkdtempSync(join(tmpdir(), 'tetra-test-'));
  readonly root = join(this.home, 'tetra');
  readonly layout = new Layout(this.root);
  /** Added to the environment of every command. */
  readonly env: Record<string, string> = {};

  /** The environment of a user who has nothing set, on a machine of any kind. */
  environment(): Record<string, string> {
    return {
      PATH: process.env.PATH ?? '',
      HOME: this.home,
      USER: 'ana',
      TETRA_DIR: this.root,
      XDG_CONFIG_HOME: join(this.home, 'config'),
      ...this.env,
    };
  }

  run(...args: string[]): Ran {
    const { status, stdout, stderr } = spawnSync(process.execPath, [tsmPath, ...args], {
      cwd: this.home,
      env: this.environment(),
      encoding: 'utf8',
    });
    return { code: status, stdout, stderr };
  }

  /** Like `run`, without waiting for the others. */
  start(...args: string[]): Promise<Ran> {
    return new Promise(done => {
      const options = { cwd: this.home, env: this.environment(), timeout: 180_000 };
      const child = execFile(process.execPath, [tsmPath, ...args], options, (_, stdout, stderr) => {
        done({ code: child.exitCode, stdout, stderr });
      });
    });
  }

  /** Runs a command that has to succeed, and reads its JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: what a command prints has no static type
  json(...args: string[]): any {
    const { code, stdout, stderr } = this.run(...args, '--json');
    if (code !== 0) throw new Error(`tsm ${args.join(' ')} exited ${code}: ${stdout}${stderr}`);
    return JSON.parse(stdout);
  }

  /** A new organization, with this text as its local.toml or with the template. */
  org(name: string, source?: string): string {
    const { code, stderr } = this.run('org', 'init', name);
    if (code !== 0) throw new Error(stderr);
    const path = this.layout.org(name).source;
    if (source !== undefined) writeFileSync(path, source);
    return path;
  }

  remove() {
    if (!existsSync(this.home)) return;
    for (const entry of readdirSync(this.home, { withFileTypes: true, recursive: true }))
      if (entry.isDirectory()) chmodSync(join(entry.parentPath, entry.name), 0o755);
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** Appends to, or replaces in, a file. */
export function edit(path: string, change: (text: string) => string) {
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

/** The template with a setting of the application, so that each `n` gives another bundle. */
export function withSetting(template: string, n: number): string {
  return template.replace(/^\[app\]\n(n = \d+\n)?/m, `[app]\nn = ${n}\n`);
}
