/** Commands that are run for somebody who looks on, in a temporary folder that is gone afterwards. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { $, chalk } from 'zx';

const project = resolve(import.meta.dirname, '../..');
const color = process.stdout.isTTY ? 'always' : 'never';

export class Session {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'tetra-demo-')));
  /** `$TETRA_DIR` */
  readonly home = join(this.folder, 'tetra');
  private readonly started = Date.now();

  /** `env` is added to the environment of every command. */
  constructor(env: Readonly<Record<string, string>> = {}) {
    const { TETRA_ORG: _, NODE_EXTRA_CA_CERTS: __, ...inherited } = process.env;
    $.env = {
      ...inherited,
      TETRA_DIR: this.home,
      XDG_CONFIG_HOME: join(this.folder, 'config'),
      PATH: `${project}/bin:${process.env.PATH}`,
      ...env,
    };
    process.once('exit', () => this.remove());
    process.once('SIGINT', () => process.exit(130));
    process.once('SIGTERM', () => process.exit(143));
  }

  /** local.toml, or the generated file of an environment. */
  file(org: string, env: string): string {
    return join(this.home, 'org', org, 'environments', `${env}.toml`);
  }

  manifest(org: string): string {
    return join(this.home, 'org', org, 'manifest.toml');
  }

  say(text: string) {
    console.log(`\n${chalk.bold(text)}\n`);
  }

  /** Something that happens without a command. */
  note(text: string) {
    console.log(chalk.cyan(`# ${this.shortened(text)}`));
  }

  /** Runs tsm, shows it with what it prints, and ends the session where it does not end as it should. */
  async tsm(words: string, expected = 0) {
    this.command(`tsm ${words}`);
    const ran = await $({ nothrow: true, quiet: true, input: '' })`tsm ${wordsOf(words)} --color=${color} 2>&1`;
    this.print(ran.stdout);
    expectExit(ran.exitCode, expected);
  }

  /** The same for what takes its time: it is shown while it happens, on a terminal as a user sees it. */
  async watch(words: string, expected = 0) {
    this.command(`tsm ${words}`);
    const ran = await $({ nothrow: true, quiet: true, stdio: ['ignore', 'inherit', 'inherit'] })`tsm ${wordsOf(words)}`;
    expectExit(ran.exitCode, expected);
  }

  /** Like `watch`, in lines only: something else is shown meanwhile. */
  async follow(words: string, expected = 0) {
    this.command(`tsm ${words}`);
    const running = $({ nothrow: true, quiet: true, input: '' })`tsm ${wordsOf(words)} --color=${color} 2>&1`;
    running.stdout.on('data', chunk => this.print(String(chunk)));
    expectExit((await running).exitCode, expected);
  }

  /** Runs another program, and shows it with what it prints. */
  async run(program: string, ...args: readonly string[]) {
    this.command([program, ...args].map(word => (/[^\w./=:@~-]/.test(word) ? `'${word}'` : word)).join(' '));
    this.print(`${(await $({ quiet: true })`${program} ${args}`).stdout}\n`);
  }

  /** Shows those lines of a file that say something here. */
  show(path: string, lines: RegExp) {
    return this.run('grep', '-E', lines.source, path);
  }

  /** Changes a file; `what` is the change in the words of that file. */
  edit(path: string, what: string, change: (text: string) => string) {
    this.note(`in ${path.split('/').at(-1)}: ${what}`);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
  }

  /** Appends lines to a file, which are shown. */
  append(path: string, ...lines: readonly string[]) {
    this.edit(path, lines.join(' '), text => `${text}\n${lines.join('\n')}\n`);
  }

  end(hint: string) {
    console.log(chalk.dim(`${((Date.now() - this.started) / 1000).toFixed(1)} s. ${hint}`));
  }

  command(text: string) {
    console.log(chalk.cyan(`$ ${this.shortened(text)}`));
  }

  print(text: string) {
    process.stdout.write(this.shortened(text));
  }

  private shortened(text: string): string {
    return text.replaceAll(this.folder, '~');
  }

  private remove() {
    // Bundles are read-only, folders too.
    spawnSync('chmod', ['-R', 'u+w', this.folder]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const wordsOf = (text: string): string[] => text.match(/"[^"]*"|\S+/g)?.map(word => word.replaceAll('"', '')) ?? [];

function expectExit(code: number | null, expected: number) {
  if (code !== 0) console.log(chalk.dim(`(exit ${code})`));
  if (code !== expected) throw new Error(`expected exit ${expected}`);
  console.log();
}
