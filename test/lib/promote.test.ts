import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { invariantsOf } from '../../lib/profile.js';
import { dotted } from '../../lib/text.js';
import { profiles } from '../../profiles/index.js';
import { fileOf, minimal, problemsOf, promotion, settingOf } from '../support/sources.js';

/** Each invariant, the setting that breaks it, and whether prod alone has it. */
const broken = [
  ['firewall-on', 'security.firewall_enabled', 'false', 'both'],
  ['ssl-on', 'security.ssl_enabled', 'false', 'both'],
  ['tls-terminated', 'security.tls', '"none"', 'both'],
  ['internal-only', 'security.allowed_ips', '["0.0.0.0/0"]', 'both'],
  ['memory-limited', 'resources.memory_max', '0', 'both'],
  ['ssh-reachable', 'security.allowed_ssh', '[]', 'prod'],
  ['own-account', 'deployment.user', '"root"', 'both'],
  ['own-group', 'deployment.group', '"docker"', 'both'],
  ['hardened', 'security.hardening', '"basic"', 'both'],
  ['monitored', 'monitoring.enabled', 'false', 'both'],
  ['alerts-on', 'monitoring.alert_on_failure', 'false', 'both'],
  ['backup-on', 'backup.enabled', 'false', 'both'],
  ['backup-scheduled', 'backup.schedule', '""', 'both'],
  ['production-type', 'environment.type', '"development"', 'prod'],
  ['input-dropped', 'security.default_input', '"accept"', 'prod'],
  ['hsts-on', 'security.hsts_enabled', 'false', 'prod'],
  ['quiet-log', 'logging.level', '"debug"', 'prod'],
  ['backup-kept', 'backup.retention_days', '0', 'prod'],
  ['metrics-on', 'monitoring.metrics_enabled', 'false', 'prod'],
  ['offsite-on', 'backup.offsite_enabled', 'false', 'prod'],
  ['audited', 'compliance.audit_logging', 'false', 'prod'],
  ['audit-kept', 'compliance.retention_days', '89', 'prod'],
] as const;

const override = (env: string, key: string, value: string) => `${minimal}[env.${env}]\n${key} = ${value}\n`;
const accepting = (env: string, rule: string) => `[[env.${env}.accept]]\nrule = "${rule}"\nreason = "why not"\n`;

const invariants = suite('invariants');

for (const env of ['prod', 'staging']) {
  invariants(`of ${env} are all tried here`, () => {
    // Only where all else is dropped can ssh be shut out, and that is prod's way.
    const names = invariantsOf(profiles[env]!)
      .map(invariant => invariant.name)
      .filter(name => env === 'prod' || name !== 'ssh-reachable');
    const tried = broken.filter(([, , , where]) => where === 'both' || where === env).map(([name]) => name);
    assert.equal([...names].sort(), [...tried].sort());
  });
  for (const [rule, key, value, where] of broken) {
    if (where !== 'both' && where !== env) continue;
    invariants(`${rule} holds in ${env} unless it is accepted`, () => {
      assert.equal(problemsOf(minimal, env), []);
      const text = override(env, key, value);
      const [problem, ...others] = problemsOf(text, env);
      assert.equal(others, []);
      assert.equal([problem!.rule, problem!.key, problem!.layer], [rule, key, 'override']);
      assert.is(dotted(problem!.path ?? []), `env.${env}.${key}`);
      assert.ok(problem!.reason);
      assert.match(problem!.message, `${key} is ${value}, and must `);
      assert.match(problem!.hint!, `[[env.${env}.accept]] rule = "${rule}"`);

      const made = promotion(text + accepting(env, rule), env);
      assert.equal(
        made.waivers.map(waiver => ({ ...waiver })),
        [{ rule, reason: 'why not' }],
      );
      assert.match(fileOf(made, 'env.toml'), `[[bundle.accept]]\nreason = "why not"\nrule = "${rule}"\n`);
    });
  }
}

invariants('that are broken are told all at once', () => {
  const text = `${minimal}[env.prod]\nsecurity.ssl_enabled = false\nlogging.level = "trace"\nresources.memory_max = 0\n`;
  const rules = problemsOf(text, 'prod').map(problem => problem.rule);
  assert.equal(rules, ['ssl-on', 'memory-limited', 'quiet-log']);
});

invariants('of prod are not those of dev', () => {
  for (const [, key, value] of broken) assert.equal(problemsOf(override('dev', key, value), 'dev'), []);
});

invariants('reach an environment that extends their profile', () => {
  const text = `${minimal}[env.qa]\nextends = "prod"\nsecurity.ssl_enabled = false\n`;
  assert.equal(
    problemsOf(text, 'qa').map(problem => problem.rule),
    ['ssl-on'],
  );
});

for (const networks of [
  ['0.0.0.0/0'],
  ['::/0'],
  ['0.0.0.0/1', '128.0.0.0/1'],
  ['10.0.0.0/8', '0.0.0.0/2'],
  ['2000::/3'],
  ['203.0.113.7/32'],
  ['8.0.0.0/8', '9.0.0.0/8'],
  ['::ffff:0:0/96'],
])
  invariants(`take ${networks.join(' and ')} for an open network`, () => {
    const text = override('prod', 'security.allowed_ips', JSON.stringify(networks));
    assert.equal(
      problemsOf(text, 'prod').map(problem => problem.rule),
      ['internal-only'],
    );
  });

invariants('leave internal networks alone', () => {
  const networks = ['10.0.0.0/8', '192.168.0.0/16', '172.16.0.0/12', 'fd00::/16'];
  assert.equal(problemsOf(override('prod', 'security.allowed_ips', JSON.stringify(networks)), 'prod'), []);
});

invariants.run();

const accept = suite('accept');

accept('of a rule that nobody has is a problem', () => {
  const [problem] = problemsOf(`${minimal}${accepting('prod', 'sll-on')}`, 'prod');
  assert.match(problem!.message, 'accept names no rule of prod');
  assert.is(problem!.hint, 'did you mean ssl-on?');
  assert.is(dotted(problem!.path ?? []), 'env.prod.accept[0].rule');
});

accept('of a rule of another profile is a problem that lists the rules there are', () => {
  const [problem] = problemsOf(`${minimal}${accepting('staging', 'audited')}`, 'staging');
  assert.match(problem!.hint!, /^the rules of staging: .*firewall-on, /);
});

accept('that is not needed is not written down, and is warned about', () => {
  const made = promotion(`${minimal}${accepting('prod', 'ssl-on')}`);
  assert.equal(made.waivers, []);
  assert.match(made.warnings.join(), '[[env.prod.accept]] rule = "ssl-on" is not needed');
  assert.is(made.bundle.name, promotion(minimal).bundle.name);
});

accept('takes an unmet requirement off the list', () => {
  const made = promotion(`${minimal}${accepting('prod', 'offsite-target')}`);
  assert.not.ok(made.unmet.some(unmet => unmet.rule === 'offsite-target'));
  assert.equal(
    made.waivers.map(waiver => waiver.rule),
    ['offsite-target'],
  );
});

accept('of one environment is none of another', () => {
  const text = override('prod', 'security.ssl_enabled', 'false') + accepting('staging', 'ssl-on');
  assert.equal(
    problemsOf(text, 'prod').map(problem => problem.rule),
    ['ssl-on'],
  );
});

accept.run();

const unmet = suite('unmet');

const domain = '[deployment]\nbase_domain = "acme.com"\n';
const alert = '[monitoring]\nalert_command = "mail ops"\n';
for (const [env, text, expected] of [
  ['dev', '', ['domain', 'alert-command']],
  ['dev', domain + alert, []],
  ['staging', '', ['domain', 'certificate', 'alert-command']],
  ['staging', domain + alert, ['certificate']],
  ['prod', '', ['domain', 'certificate', 'alert-command', 'offsite-target']],
  ['prod', `${domain}${alert}[backup]\noffsite_target = "b:/x"`, ['certificate']],
  ['prod', `${domain}${alert}[env.prod]\nsecurity.tls = "external"`, ['offsite-target']],
] as const)
  unmet(`of ${env} with ${JSON.stringify(text)}: ${expected.join(', ') || 'nothing'}`, () => {
    const made = promotion(minimal + text, env);
    assert.equal(
      made.unmet.map(item => item.rule),
      [...expected],
    );
    for (const item of made.unmet) {
      assert.ok(item.remedy && item.reason && item.key);
      assert.is(item.where, item.rule === 'certificate' ? 'host' : 'source');
    }
  });

unmet.run();

/** Settings that make no sense together. */
const cross = suite('settings together');

for (const [what, text, key, message, env = 'prod'] of [
  ['a name of its own', '[env.prod.environment]\nname = "x"', 'environment.name', /cannot be overridden/],
  ['an empty folder', '[env.prod.deployment]\ntetra_dir = ""', 'deployment.tetra_dir', /must not be empty/],
  ['data in /etc', '[env.prod.deployment]\ntetra_dir = "/etc/tetra"', 'deployment.tetra_dir', /folder of the system/],
  ['data in /', '[env.prod.deployment]\ntetra_dir = "/"', 'deployment.tetra_dir', /folder of the system/],
  [
    'data around the store',
    '[env.prod.deployment]\ntetra_dir = "/var/lib"',
    'deployment.tetra_dir',
    /folder of the system/,
  ],
  [
    'data in the store',
    '[env.prod.deployment]\ntetra_dir = "/var/lib/tsm/x"',
    'deployment.tetra_dir',
    /folder of the system/,
  ],
  [
    'data in /etc by ..',
    '[env.prod.deployment]\ntetra_dir = "/srv/../etc"',
    'deployment.tetra_dir',
    /folder of the system/,
  ],
  ['a home that is hidden', '[env.prod.deployment]\ntetra_src = "~/x"', 'deployment.tetra_src', /see no home folders/],
  [
    'a working_dir in a home',
    '[env.prod.services.tetra]\nworking_dir = "~/x"',
    'services.tetra.working_dir',
    /no home/,
  ],
  [
    'a log in /usr',
    '[env.prod.logging]\ndestination = "file"\nfile_path = "/usr/x.log"',
    'logging.file_path',
    /folder of the system/,
  ],
  ['two services on one port', '[env.prod.ports]\nb = 4444', 'ports.tetra', /is 4444, and so is ports\.b/],
  ['a port in the dynamic range', '[env.prod.ports]\nb = 5050', 'ports.b', /lies in the dynamic range 5000 to 5099/],
  ['a range that ends before it starts', '[env.prod.ports]\ndynamic_end = 1', 'ports.dynamic_end', /lies below/],
  ['two names of one variable', '[env.prod.ports]\na-b = 1\na_b = 2', 'ports.a_b', /both be PORT_A_B/],
  ['a port that is not there', '[env.prod.services.tetra]\nport = "tetr"', 'services.tetra.port', /name of a port/],
  ['a table that is not there', '[env.prod.services.tetra]\nreads = ["db"]', 'services.tetra.reads', /no table of the/],
  [
    'a section read as a table',
    '[env.prod.services.tetra]\nreads = ["ports"]',
    'services.tetra.reads',
    /no table of the/,
  ],
  [
    'secrets outside of their folder',
    '[env.prod.services.tetra]\nenv_file = "a/../../x"',
    'services.tetra.env_file',
    /must stay/,
  ],
  ['a service without a command', '[env.prod.services.b]\nenabled = true', 'services.b.enabled', /has no command/],
  [
    'a variable that nobody sets',
    '[env.prod.services.b]\ncommand = "b ${PROT}"',
    'services.b.command',
    /refers to \$\{PROT\}/,
  ],
  [
    'a folder that nobody sets',
    '[env.prod.deployment]\ntetra_dir = "${HOME}/x"',
    'deployment.tetra_dir',
    /\$\{HOME\}, which nothing sets/,
  ],
  [
    'a domain that grew too long',
    `[deployment]\nbase_domain = "${'abc.'.repeat(62)}abc"`,
    'deployment.domain',
    /must be a host name/,
    'staging',
  ],
] as const)
  cross(`refuse ${what}`, () => {
    const problems = problemsOf(`${minimal}${text}`, env);
    const found = problems.find(problem => problem.key === key);
    assert.ok(found, JSON.stringify(problems));
    assert.match(found.message, message);
  });

for (const [text, message] of [
  ['[env.prod.logging]\ndestination = "file"\nfile_path = ""', 'must not be empty'],
  ['[env.prod.system]\ninit_system = "none"', 'must be systemd'],
  ['[env.prod.deployment]\ndomain = ""', 'must not be empty'],
  ['[env.prod.ports]\nssh = 22', 'sshd listens on'],
  ['[env.prod.ports]\ndynamic_start = 20\ndynamic_end = 30', 'where sshd listens'],
  ['[env.prod.deployment]\ntetra_dir = "/srv/$${X}/../../etc"', 'must be a path'],
  ['[secrets]\nrequired = ["A"]\n[env.prod.services.tetra]\nenvironment = { A = "x" }', 'is a secret'],
  ['[secrets]\nrequired = ["A"]\n[env.prod.services.tetra]\nenv_file = ""', 'no service has an env_file'],
  ["[env.prod.services.tetra]\ncommand = 'node x \\'", 'a backslash at the end'],
  ['[env.prod.monitoring]\nalert_command = "mail | cat"', 'not run by a shell'],
] as const)
  cross(`are refused where they undo what another promises: ${text.replaceAll('\n', ' ')}`, () => {
    const messages = problemsOf(`${minimal}${text}\n`, 'prod').map(problem => problem.message);
    assert.is(messages.length, 1, messages.join('\n'));
    assert.match(messages[0]!, message);
  });

for (const [text, message] of [
  ['[env.prod.deployment]\ntetra_dir = "/opt"', 'holds the code'],
  ['[env.prod.services.tetra]\nenv_file = "/tmp/x.env"', 'lie in /etc or /run'],
  ['[env.prod.services.tetra]\ncommand = "/home/ana/node server.js"', 'see no home folders'],
  ['[env.prod.services.tetra]\ncommand = "cat /srv/*.conf"', 'expand *'],
  ['[env.prod.services.tetra]\ncommand = "cat {a,b}"', 'expand *'],
  ['[env.prod.services.tetra]\ncommand = \'cat "$HOME"\'', 'needs braces'],
  [accepting('prod', 'certificate') + accepting('prod', 'certificate'), 'a second time'],
] as const)
  cross(`are refused in prod: ${text.replaceAll('\n', ' ')}`, () => {
    const messages = problemsOf(`${minimal}${text}\n`, 'prod').map(problem => problem.message);
    assert.is(messages.length, 1, messages.join('\n'));
    assert.match(messages[0]!, message);
  });

cross('expand the folders in double quotes, whatever other quotes stand there', () => {
  const text = minimal.replace('"node server/server.js"', `'''node x "it's \${TETRA_SRC} isn't"'''`);
  assert.is(settingOf(promotion(text), 'services.tetra.command'), `node x "it's /opt/tetra isn't" --env production`);
});

cross('never let a path in quotes, or a command that the shell of a laptop would bend, be bent', () => {
  const text = `${minimal.replace('node server/server.js', "node '${TETRA_SRC}' ${TETRA_SRC}")}`;
  assert.is(settingOf(promotion(text), 'services.tetra.command'), "node '${TETRA_SRC}' /opt/tetra --env production");
});

cross('point a secret on a command line to its better place', () => {
  const text = '[secrets]\nrequired = ["DB_PASS"]\n[services.b]\ncommand = "b ${DB_PASS}"';
  assert.match(problemsOf(minimal + text, 'prod')[0]!.hint!, 'read it from its environment');
});

cross('warn of a firewall that lets nobody in', () => {
  const made = promotion(`${minimal}[env.prod.security]\nallowed_ips = []`);
  assert.match(made.warnings.join(), 'nobody reaches the ports');
});

cross('leave what stands in single quotes or behind a backslash to the program', () => {
  const made = promotion(`[services.b]\ncommand = '''sh -c 'echo \${HOME}' \\\${X}'''`);
  assert.is(settingOf(made, 'services.b.command'), "sh -c 'echo ${HOME}' \\${X}");
  assert.match(fileOf(made, 'systemd/acme-prod-b.service'), 'ExecStart=sh -c "echo $${HOME}" "$${X}"\n');
});

cross.run();
