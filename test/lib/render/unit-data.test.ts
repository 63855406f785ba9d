import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseUnit, type UnitData, unitData, valueIn } from '../../../lib/host/unit.js';
import { fileOf, promotion } from '../../support/sources.js';

const base = '[ports]\napi = 8080\nadmin-ui = 9090\n[services.api]\ncommand = "api"\n';
const unitOf = (text: string, env = 'prod') => fileOf(promotion(text, env), `systemd/acme-${env}-api.service`);
const linesOf = (text: string, env?: string) => unitOf(text, env).trimEnd().split('\n');

/** The lines of `[X-Tsm]` below Reads=. */
const dataLines = (text: string, env?: string) => {
  const lines = linesOf(text, env);
  return lines.slice(lines.indexOf('[X-Tsm]') + 2);
};

const unit = suite('service');

for (const [what, text, line] of [
  ['the reload', 'reload_command = "kill -HUP ${MAINPID}"', 'ExecReload=kill -HUP ${MAINPID}'],
  ['its own program', 'reload_command = "./ctl reload ${PORT}"', 'ExecReload=/opt/tetra/ctl reload 8080'],
  ['the number in a word', 'reload_command = "ctl \'a b\'-${MAINPID}"', 'ExecReload=ctl "a b-${MAINPID}"'],
  ['another dollar', 'reload_command = "ctl \'${MAINPID}\' $ 5%"', 'ExecReload=ctl "$${MAINPID}" "$$" 5%%'],
  ['an escaped one', 'reload_command = "ctl $${MAINPID}"', 'ExecReload=ctl "$${MAINPID}"'],
  ['the time to stop', 'stop_timeout = 30', 'TimeoutStopSec=30'],
  ['the roles', 'roles = ["web", "db"]', 'Roles=web db'],
  ['that it is not restarted', 'restart_if_changed = false', 'RestartIfChanged=no'],
] as const)
  unit(`says ${what}: ${line}`, () => {
    assert.ok(linesOf(base + text).includes(line), unitOf(base + text));
  });

for (const text of [
  'reload_command = ""',
  'roles = []',
  'restart_if_changed = true',
  '[services.api.health]',
  '[services.api.health]\nhttp = ""\ntcp = ""\ncommand = ""\ninterval = 5',
])
  unit(`says nothing for ${text.replaceAll('\n', ' ')}`, () => {
    assert.is(unitOf(base + text), unitOf(base));
  });

unit('is what it is where nothing new is said', () => {
  assert.equal(dataLines(base), []);
  const made = unitOf(base);
  assert.not.match(made, 'ExecReload');
  assert.not.match(made, 'TimeoutStopSec');
});

unit('reads the same, whatever tsm reads of it', () => {
  const text = `${base}reload_command = "x"\nroles = ["web"]\nrestart_if_changed = false\nstop_timeout = 9
    [services.api.health]\nhttp = "/"`;
  assert.is(valueIn(parseUnit(unitOf(text)), 'X-Tsm', 'Reads'), valueIn(parseUnit(unitOf(base)), 'X-Tsm', 'Reads'));
});

unit.run();

const health = suite('health');

const times = ['HealthInterval=2', 'HealthTimeout=5'];
const check = (text: string) => `${base}[services.api.health]\n${text}\n`;

for (const [what, text, line] of [
  ['a path', 'http = "/health?full=1"', 'HealthHttp=http://127.0.0.1:8080/health?full=1'],
  ['a URL', 'http = "http://localhost:81/h%20x"', 'HealthHttp=http://localhost:81/h%20x'],
  ['a URL with a variable', 'http = "http://[::1]:${PORT_ADMIN_UI}/"', 'HealthHttp=http://[::1]:9090/'],
  ['the port of its own', 'tcp = true', 'HealthTcp=127.0.0.1:8080'],
  ['another port', 'tcp = "admin-ui"', 'HealthTcp=127.0.0.1:9090'],
  ['a number', 'tcp = 5432', 'HealthTcp=127.0.0.1:5432'],
  [
    'a command',
    'command = "./check \'100% \\"${PORT}\\"\' x"',
    'HealthCommand=["/opt/tetra/check","100% \\"${PORT}\\"","x"]',
  ],
  ['a command with a variable', 'command = "check ${PORT}"', 'HealthCommand=["check","8080"]'],
] as const)
  health(`looks at ${what}`, () => {
    assert.equal(dataLines(check(text)), [line, ...times]);
  });

health('looks as often as it is told', () => {
  const lines = dataLines(check('tcp = true\ninterval = 10\ntimeout = 3'));
  assert.equal(lines, ['HealthTcp=127.0.0.1:8080', 'HealthInterval=10', 'HealthTimeout=3']);
});

health('follows the port of its environment, but a number is what it is', () => {
  const text = `${check('tcp = "api"')}[env.qa]\nextends = "staging"\nports.offset = 100\n`;
  assert.is(dataLines(text, 'qa')[0], 'HealthTcp=127.0.0.1:8180');
  assert.is(dataLines(text.replace('tcp = "api"', 'tcp = 8080'), 'qa')[0], 'HealthTcp=127.0.0.1:8080');
});

health('can be another in one environment', () => {
  const text = `${check('http = "/"')}[env.dev.services.api.health]\nhttp = ""\ntcp = true\n`;
  assert.is(dataLines(text, 'dev')[0], 'HealthTcp=127.0.0.1:8080');
  assert.is(dataLines(text, 'prod')[0], 'HealthHttp=http://127.0.0.1:8080/');
});

health('is read back by the host as it was meant', () => {
  const read = (text: string): UnitData => unitData(parseUnit(unitOf(text)));
  const every = { interval: 2, timeout: 5 };
  assert.equal(read(check('http = "/h"')).health, { kind: 'http', url: 'http://127.0.0.1:8080/h', ...every });
  assert.equal(read(check('tcp = true')).health, { kind: 'tcp', host: '127.0.0.1', port: 8080, ...every });
  const argv = ['check', 'ü "\\', '#', ''];
  const words = `command = '''check 'ü "\\' '#' ""'''`;
  assert.equal(read(check(words)).health, { kind: 'command', argv, ...every });
  const { roles, restartIfChanged } = read(`${base}roles = ["web", "db"]\nrestart_if_changed = false\n`);
  assert.equal([roles, restartIfChanged], [['web', 'db'], false]);
});

health('knows the settings that its line came from', () => {
  const file = promotion(check('tcp = true')).bundle.files.find(({ path }) => path.endsWith('api.service'))!;
  const at = file.content.split('\n').indexOf('HealthTcp=127.0.0.1:8080');
  assert.equal(file.lines[at], ['services.api.health.tcp', 'ports.api']);
});

health.run();
