/**
 * A gallery of mistakes, each with the exact words it gets. The page docs/errors.md is made from it, and this test
 * fails where they differ; TETRA_UPDATE_GOLDEN=1 writes the page anew.
 */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { removeBundle } from '../../store/bundles.js';
import { Sandbox } from '../support/sandbox.js';

const page = resolve(import.meta.dirname ?? __dirname, '../../docs/errors.md');

interface Mistake {
  readonly title: string;
  /** Changes the template; replaces `from` by `to`, or appends. */
  readonly from?: string | RegExp;
  readonly to?: string;
  readonly append?: string;
  /** For mistakes that are not in local.toml. */
  readonly act?: (box: Sandbox) => void;
  readonly command?: string;
}

const inSource: readonly Mistake[] = [
  { title: 'A string that does not end', from: 'user = "ana"', to: 'user = "ana' },
  { title: 'A value without quotes', append: 'password = hunter2' },
  { title: 'The same key twice', append: '[security]\ntls = "none"' },
  { title: 'A typo in a key', from: 'memory_max = 0', to: 'memroy_max = 0' },
  { title: 'A typo in a section', from: '[monitoring]', to: '[monitorng]' },
  { title: 'A setting outside of any section', from: '[environment]', to: 'color = "red"\n[environment]' },
  { title: 'A reserved name', append: '[bundle]\nx = 1' },
  { title: 'Text instead of a number', from: 'memory_max = 0', to: 'memory_max = "512"' },
  { title: 'A number with a point', from: 'memory_max = 0', to: 'memory_max = 512.0' },
  { title: 'A word instead of true', from: 'firewall_enabled = false', to: 'firewall_enabled = "yes"' },
  { title: 'A word that is none of those known', from: 'level = "debug"', to: 'level = "verbose"' },
  { title: 'A port out of range', from: 'api = 8080', to: 'api = 80800' },
  { title: 'Two ports that are the same', from: 'api = 8080', to: 'api = 3000' },
  { title: 'A port in the dynamic range', from: 'api = 8080', to: 'api = 5010' },
  { title: 'A schedule that is none', from: 'schedule = ""', to: 'schedule = "0 25 * * *"' },
  { title: 'A network that is none', from: 'allowed_ips = ["127.0.0.1"]', to: 'allowed_ips = ["10.0.0.0/33"]' },
  { title: 'A network with host bits', from: 'allowed_ips = ["127.0.0.1"]', to: 'allowed_ips = ["10.1.2.3/8"]' },
  { title: 'A path that is not absolute', from: 'tetra_src = "~/src/devops/tetra"', to: 'tetra_src = "src/tetra"' },
  { title: 'A service without a command', from: 'command = "node server/server.js"', to: 'command = ""' },
  { title: 'A command that needs a shell', from: '"node server/server.js"', to: '"node server/server.js | tee log"' },
  { title: 'A variable that nothing sets', from: '"node server/server.js"', to: '"node server/server.js ${PROT}"' },
  {
    title: 'The main process, as a shell would write it',
    from: 'env_file = "env/local.env"',
    to: 'env_file = "env/local.env"\nreload_command = "kill -HUP $MAINPID"',
  },
  { title: 'Two health checks', append: '[services.tetra.health]\nhttp = "/health"\ntcp = true' },
  {
    title: 'A health check of a service without a port',
    append: '[services.worker]\ncommand = "node worker.js"\nhealth.http = "/health"',
  },
  { title: 'A folder of the system as data folder', append: '[env.dev.deployment]\ntetra_dir = "/etc/tetra"' },
  {
    title: 'A home folder in a hardened environment',
    append: '[env.prod.services.tetra]\nworking_dir = "/home/ana/app"',
    command: 'org promote @prod',
  },
  { title: 'An environment that extends nothing', append: '[env.qa]\nlogging.level = "info"' },
  { title: 'A typo in the name of an environment', append: '[env.prd.security]\nallowed_ips = ["10.0.0.0/8"]' },
  {
    title: 'Prod, open to the world',
    append: '[env.prod.security]\nallowed_ips = ["0.0.0.0/0"]',
    command: 'org promote @prod',
  },
  {
    title: 'Prod without a limit on memory',
    append: '[env.prod.resources]\nmemory_max = 0',
    command: 'org promote @prod',
  },
  {
    title: 'A waiver of a rule that is not there',
    append: '[[env.prod.accept]]\nrule = "internal-olny"\nreason = "public"',
    command: 'org promote @prod',
  },
  {
    title: 'A waiver without a reason',
    append: '[[env.prod.accept]]\nrule = "internal-only"\nreason = ""',
    command: 'org promote @prod',
  },
  {
    title: 'Two settings that need each other',
    append: '[env.dev.deployment]\ntetra_src = "${TETRA_DIR}/src"\ntetra_dir = "${TETRA_SRC}/data"',
  },
  {
    title: 'Several mistakes at once',
    from: /memory_max = 0([\s\S]*)level = "debug"/,
    to: 'memory_max = -1$1lvel = "debug"',
  },
];

const elsewhere: readonly Mistake[] = [
  { title: 'A typo in a command', command: 'org promtoe @dev' },
  { title: 'A typo in an option', command: 'org promote @dev --dryrun' },
  { title: 'A typo in an environment', command: 'org promote @stagign' },
  { title: 'Promoting to local', command: 'org promote @local' },
  { title: 'An organization that is not there', command: 'org promote @dev --org acne' },
  { title: 'An organization that is already there', command: 'org init acme' },
  { title: 'A name that cannot be one', command: 'org init My_Company' },
  { title: 'No history yet', command: 'org rollback @staging' },
  {
    title: 'A generation that is not there',
    act: box => box.run('org', 'promote', '@dev'),
    command: 'org rollback @dev 7',
  },
  { title: 'Nothing to go back to', act: box => box.run('org', 'promote', '@dev'), command: 'org rollback @dev' },
  { title: 'local.toml is gone', act: box => rmSync(box.layout.org('acme').source), command: 'org promote @dev' },
  {
    title: 'An unknown key in manifest.toml',
    act: box => writeFileSync(box.layout.org('acme').manifest, '[organization]\nname = "acme"\nemail = "a@b"\n'),
    command: 'org promote @dev',
  },
  {
    title: 'An environment that was edited by hand',
    act: box => {
      box.run('org', 'promote', '@dev');
      const pointer = box.layout.org('acme').pointer('dev');
      const text = readFileSync(pointer, 'utf8');
      rmSync(pointer);
      writeFileSync(pointer, text.replace('memory_max = 1024', 'memory_max = 2048'));
    },
    command: 'org promote @dev',
  },
  {
    title: 'A bundle that is gone',
    act: box => {
      const { path } = box.json('org', 'promote', '@dev');
      writeFileSync(box.layout.org('acme').source, `${readFileSync(box.layout.org('acme').source)}\n[extra]\nx = 1\n`);
      box.json('org', 'promote', '@dev');
      removeBundle(path);
    },
    command: 'org rollback @dev 1',
  },
];

function shown(mistake: Mistake): string {
  const box = new Sandbox();
  const source = box.org('acme');
  const { from, to = '', append, act, command = 'org promote @dev' } = mistake;
  const template = readFileSync(source, 'utf8');
  const changed = from === undefined ? template : template.replace(from, to);
  if (from !== undefined) assert.is.not(changed, template, `${mistake.title}: nothing to replace`);
  writeFileSync(source, append ? `${changed}\n${append}\n` : changed);
  act?.(box);
  const ran = box.run(...command.split(' '));
  const out = ran.stderr
    .replaceAll(`${box.layout.org('acme').root}/environments/local.toml`, 'local.toml')
    .replaceAll(box.root, '~/tetra')
    .replaceAll(/[0-9a-f]{40}-/g, '<digest>-');
  box.remove();
  assert.is(ran.stdout, '', mistake.title);
  assert.not.match(out, 'hunter2');
  assert.not.match(out, /\n\s+at /);
  const input = append ? `\n\`\`\`toml\n${append}\n\`\`\`\n` : '';
  return `### ${mistake.title}\n${input}\n\`\`\`\n$ tsm ${command}\n${out}(exit ${ran.code})\n\`\`\`\n`;
}

const test = suite('gallery of mistakes');

test('each gets the words that docs/errors.md shows', () => {
  const text = [
    '# What tsm says when something is wrong',
    '',
    'Each message tells what is wrong, where, and what to do next. Values of free text are never shown, since one of them',
    'could be a secret in the wrong place. Exit codes: 1 failed, 64 wrong usage, 65 invalid input. This page is made by',
    '`test/bin/gallery.test.ts`, from the real command.',
    '',
    '## In local.toml',
    '',
    ...inSource.map(shown),
    '## Elsewhere',
    '',
    ...elsewhere.map(shown),
  ].join('\n');
  if (process.env.TETRA_UPDATE_GOLDEN === '1') {
    mkdirSync(join(page, '..'), { recursive: true });
    writeFileSync(page, text);
  }
  assert.fixture(readFileSync(page, 'utf8'), text);
});

test.run();
