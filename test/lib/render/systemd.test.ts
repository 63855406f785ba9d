import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fileOf, problemsOf, promotion } from '../../support/sources.js';

const base = '[ports]\napi = 8080\nadmin-ui = 9090\n[services.api]\ncommand = "api"\n';
const unitOf = (text: string, env = 'prod', service = 'api') =>
  fileOf(promotion(text, env), `systemd/acme-${env}-${service}.service`);

/** What stands behind `name=`, for each line that has it. */
const valuesOf = (unit: string, name: string): string[] =>
  unit
    .split('\n')
    .filter(line => line.startsWith(`${name}=`))
    .map(line => line.slice(name.length + 1));

const execStart = suite('ExecStart');

for (const [what, command, expected] of [
  ['plain words', 'api --port 1', 'api --port 1'],
  ['an absolute program', '/usr/bin/node x.js', '/usr/bin/node x.js'],
  ["the service's own program", './bin/api x', '/opt/tetra/bin/api x'],
  ["the service's own program without a dot", 'bin/api x', '/opt/tetra/bin/api x'],
  ['a space', `api 'a b'`, 'api "a b"'],
  ['an empty word', `api '' x`, 'api "" x'],
  ['a per cent sign', 'api 100% %h', 'api 100%% %%h'],
  ['a dollar sign', "api '$HOME' $ a$", 'api "$$HOME" "$$" "a$$"'],
  ['quotes', `api '"' "'"`, `api "\\"" "'"`],
  ['a backslash', `api 'a\\nb' 'c\\'`, 'api "a\\\\nb" "c\\\\"'],
  ['a semicolon', `api ';' x`, 'api ";" x'],
  ['a variable', 'api --port ${PORT} "-${PORT_ADMIN_UI}-"', 'api --port 8080 -9090-'],
  ['a variable in single quotes', `api '\${PORT}'`, 'api "$${PORT}"'],
  ['a variable that is escaped', 'api $${PORT}', 'api "$${PORT}"'],
  ['the environment', 'api ${TETRA_ENV} ${NODE_ENV}', 'api prod production'],
  ['a folder', 'api ${TETRA_SRC}/x', 'api /opt/tetra/x'],
  ['what is not ASCII', 'api ü', 'api "ü"'],
] as const)
  execStart(`writes ${what} so that systemd reads it back`, () => {
    const unit = unitOf(`[ports]\napi = 8080\nadmin-ui = 9090\n[services.api]\ncommand = '''${command}'''\n`);
    assert.equal(valuesOf(unit, 'ExecStart'), [expected]);
  });

for (const [what, command, message] of [
  ['+, which lifts all confinement', '+/bin/sh', /name or path of a program/],
  ['-, which ignores failures', '-/bin/sh', /name or path of a program/],
  ['@, which takes another name', '@/bin/sh a', /name or path of a program/],
  ['!', '!/bin/sh', /name or path of a program/],
  [':', ':/bin/sh', /name or path of a program/],
  ['a prefix in quotes', '"+/bin/sh"', /name or path of a program/],
  ['a variable', '${PORT} x', /name or path of a program/],
  ['a specifier', '%h/x', /name or path of a program/],
  ['a folder', '/bin/', /name or path of a program/],
  ['the folder above', '..', /name or path of a program/],
  ['an empty word', "'' x", /name or path of a program/],
] as const)
  execStart(`refuses ${what} in place of the program`, () => {
    const problems = problemsOf(`[services.api]\ncommand = '''${command}'''\n`, 'prod');
    assert.match(problems[0]?.message ?? '', message);
    assert.equal(problems[0]?.path, ['services', 'api', 'command']);
  });

for (const command of ['api | tee x', 'api && b', 'api; b', 'api > log', 'api &', 'api $(id)', 'api `id`'])
  execStart(`refuses ${command}, which needs a shell`, () => {
    assert.match(problemsOf(`[services.api]\ncommand = '''${command}'''\n`, 'prod')[0]!.message, 'not run by a shell');
  });

for (const [service, flag, env, expected] of [
  ['tetra', '', 'dev', 'run --env dev'],
  ['tetra', '', 'prod', 'run --env production'],
  ['api', 'env_flag = true', 'staging', 'run --env staging'],
  ['api', 'env_flag = false', 'prod', 'run'],
  ['redis', '', 'prod', 'run'],
] as const)
  execStart(`of ${service} with ${flag || 'nothing'} in ${env} is ${expected}`, () => {
    const unit = unitOf(`[services.${service}]\ncommand = "run"\n${flag}`, env, service);
    assert.equal(valuesOf(unit, 'ExecStart'), [expected]);
  });

execStart.run();

const environment = suite('Environment');

environment('tells the service where and what it is', () => {
  assert.equal(valuesOf(unitOf(base), 'Environment'), [
    'TETRA_ENV=prod',
    'TETRA_ENV_FILE=/var/lib/tsm/acme-prod/current/env.toml',
    'NODE_ENV=production',
    'LOG_LEVEL=warn',
    'LOG_FORMAT=json',
    'TZ=UTC',
    'PORT=8080',
    'PORT_ADMIN_UI=9090',
    'PORT_API=8080',
  ]);
});

for (const [what, value, expected] of [
  ['a space', 'a b', '"X=a b"'],
  ['quotes', `a"b'c`, `"X=a\\"b'c"`],
  ['a backslash at the end', 'a\\', '"X=a\\\\"'],
  ['a per cent sign', '100%', 'X=100%%'],
  ['a dollar sign, which is plain here', '$HOME', '"X=$HOME"'],
  ['nothing', '', 'X='],
  ['a variable', 'http://localhost:${PORT}/', 'X=http://localhost:8080/'],
  ['an escaped variable', '$${PORT}', '"X=${PORT}"'],
] as const)
  environment(`writes ${what} so that systemd reads it back`, () => {
    const unit = unitOf(`${base}[services.api.environment]\nX = '''${value}'''\n`);
    assert.is(valuesOf(unit, 'Environment').at(-1), expected);
  });

environment('is not decided a second time where a setting decides it', () => {
  for (const name of ['LOG_LEVEL', 'NODE_ENV', 'PORT', 'TETRA_ENV', 'TZ']) {
    const [problem] = problemsOf(`${base}[services.api.environment]\n${name} = "x"\n`, 'prod');
    assert.match(problem!.message, `${name} is made from `);
  }
});

environment('gives the port that the service names', () => {
  const unit = unitOf('[ports]\napi = 1\nother = 2\n[services.api]\ncommand = "x"\nport = "other"\n');
  assert.ok(valuesOf(unit, 'Environment').includes('PORT=2'));
});

environment('gives no PORT to a service without one', () => {
  const values = valuesOf(unitOf('[ports]\nother = 2\n[services.api]\ncommand = "x"\n'), 'Environment');
  assert.not.ok(values.some(value => value.startsWith('PORT=')));
});

for (const [what, text, expected] of [
  ['may be missing where no secret is required', 'env_file = "x.env"', ['-/etc/tetra/acme-prod/env/prod.env']],
  [
    'must be there where a secret is required',
    'env_file = "x.env"\n[secrets]\nrequired = ["A"]',
    ['/etc/tetra/acme-prod/env/prod.env'],
  ],
  ['is not mentioned where the service has none', '', []],
  ['may be absolute', '[env.prod.services.api]\nenv_file = "/run/x.env"', ['-/run/x.env']],
] as const)
  environment(`its file ${what}`, () => {
    assert.equal(valuesOf(unitOf(`${base}${text}`), 'EnvironmentFile'), [...expected]);
  });

environment.run();

const unit = suite('unit');

for (const [what, text, expected] of [
  ['a per cent sign', 'description = "100% %n"', '100%% %%n (acme prod)'],
  ['quotes and backslashes', `description = '"a" \\n b'`, '"a" \\n b (acme prod)'],
  ['its name where it has no other', '', 'api (acme prod)'],
] as const)
  unit(`describes itself with ${what}`, () => {
    assert.equal(valuesOf(unitOf(`${base}${text}`), 'Description'), [expected]);
  });

for (const [key, value, line] of [
  ['resources.memory_max', '0', null],
  ['resources.memory_max', '512', 'MemoryMax=512M'],
  ['resources.nofile', '10', 'LimitNOFILE=10'],
  ['resources.nofile', '0', null],
  ['resources.nproc', '20', 'TasksMax=20'],
  ['deployment.user', '"www"', 'User=www'],
  ['deployment.group', '"www"', 'Group=www'],
  ['services.api.auto_restart', 'true', 'Restart=always'],
  ['services.api.auto_restart', 'false', 'Restart=no'],
  ['security.hardening', '"none"', null],
] as const)
  unit(`says ${line ?? 'nothing'} for ${key} = ${value}`, () => {
    const made = unitOf(`${base}[env.dev]\n${key} = ${value}\n`, 'dev').split('\n');
    if (line) return assert.ok(made.includes(line));
    const directives = { 'resources.memory_max': 'MemoryMax', 'resources.nofile': 'LimitNOFILE' } as Record<
      string,
      string
    >;
    const name = directives[key] ?? 'NoNewPrivileges';
    assert.not.ok(made.some(other => other.startsWith(name)));
  });

unit('confines itself by the level of its environment', () => {
  const names = (env: string) =>
    ['NoNewPrivileges=yes', 'ProtectSystem=strict'].map(line => unitOf(base, env).includes(line));
  assert.equal(names('dev'), [true, false]);
  assert.equal(names('prod'), [true, true]);
  assert.equal(valuesOf(unitOf(base), 'ReadWritePaths'), ['/var/lib/tetra']);
});

for (const [port, user, ambient, bounding] of [
  [443, 'tetra', ['CAP_NET_BIND_SERVICE'], ['CAP_NET_BIND_SERVICE']],
  [1024, 'tetra', [], ['']],
] as const)
  unit(`on port ${port} as ${user} may ${ambient.length > 0 ? '' : 'not '}bind low ports`, () => {
    const made = unitOf(`[ports]\napi = ${port}\n[services.api]\ncommand = "x"\n`);
    assert.equal(
      [valuesOf(made, 'AmbientCapabilities'), valuesOf(made, 'CapabilityBoundingSet')],
      [[...ambient], [...bounding]],
    );
  });

unit('as root needs no capability for a low port', () => {
  const made = unitOf('[ports]\napi = 80\n[services.api]\ncommand = "x"\n', 'dev');
  assert.equal(valuesOf(made, 'AmbientCapabilities'), []);
});

unit('writes to the journal, or to a file and its folder', () => {
  assert.equal(valuesOf(unitOf(base), 'StandardOutput'), []);
  assert.equal(valuesOf(unitOf(base), 'SyslogIdentifier'), ['acme-prod-api']);
  const made = unitOf(`${base}[env.prod.logging]\ndestination = "file"\nfile_path = "/var/log/acme/100%.log"\n`);
  assert.equal(valuesOf(made, 'StandardOutput'), ['append:/var/log/acme/100%%.log']);
  assert.equal(valuesOf(made, 'StandardError'), ['append:/var/log/acme/100%%.log']);
  assert.equal(valuesOf(made, 'ReadWritePaths'), ['/var/lib/tetra', '/var/log/acme']);
});

unit('is wanted by the target of its environment, which starts with the machine', () => {
  const made = promotion(base);
  assert.match(fileOf(made, 'systemd/acme-prod-api.service'), '[Install]\nWantedBy=acme-prod.target\n');
  assert.match(fileOf(made, 'systemd/acme-prod.target'), '[Install]\nWantedBy=multi-user.target\n');
  const off = promotion(`${base}[env.prod.system]\nauto_start = false\n`);
  assert.not.match(fileOf(off, 'systemd/acme-prod.target'), '[Install]');
});

unit.run();

const reads = suite('Reads');

const application = '[app]\nx = 1\n[database]\nurl = "a"\n';
const digest = (text: string) => valuesOf(unitOf(text), 'Reads')[0];

for (const [what, names, changed, expected] of [
  ['every application table where none is named', '', 'x = 2', true],
  ['the table that is named', 'reads = ["app"]\n', 'x = 2', true],
  ['no table that is not named', 'reads = ["database"]\n', 'x = 2', false],
  ['no table at all where it says so', 'reads = []\n', 'x = 2', false],
  ['no comment', '', 'x = 1 # one', false],
] as const)
  reads(`follow ${what}`, () => {
    const text = `${base}${names}${application}`;
    assert.is(digest(text) !== digest(text.replace('x = 1', changed)), expected);
  });

for (const [what, text, expected] of [
  ['its own section', '[env.prod.services.api]\nport = "admin-ui"\n', true],
  ['a new application table', '[other]\ny = 1\n', true],
  ["no other service's section", '[env.prod.services.other]\ncommand = "x"\n', false],
  ['no other port', '[env.prod.ports]\nother = 1\n', false],
] as const)
  reads(`follow ${what}`, () => {
    assert.is(digest(`${base}${application}`) !== digest(`${base}${application}${text}`), expected);
  });

reads.run();
