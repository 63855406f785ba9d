/** What the profiles make of a source that shares not one value with the defaults, or with what they set. */

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { rulesOf } from '../../lib/profile.js';
import { sections } from '../../lib/schema/keys.js';
import { formatValue } from '../../lib/toml/format.js';
import { profiles } from '../../profiles/index.js';
import { fileOf, minimal, problemsOf, promotion, settingOf, source } from '../support/sources.js';

const local = `
[environment]
name = "mine"
type = "staging"
description = "My laptop"
[deployment]
tetra_src = "/Users/ana/code"
tetra_dir = "/Users/ana/data"
user = "ana"
group = "wheel"
hostname = "lap"
domain = "lap.test"
base_domain = "acme.com"
[system]
os = "darwin"
init_system = "none"
auto_start = false
timezone = "Europe/Berlin"
[ports]
tetra = 4445
devpages = 3001
api = 8081
dynamic_start = 6000
dynamic_end = 6099
offset = 10
[services.tetra]
command = "deno run main.ts"
working_dir = "\${TETRA_SRC}/app"
env_file = "env/mine.env"
auto_restart = false
description = "Another server"
[services.devpages]
enabled = false
command = "make serve"
working_dir = "\${TETRA_SRC}/../devpages"
auto_restart = false
[resources]
memory_max = 512
nofile = 2048
nproc = 256
[security]
firewall_enabled = false
allowed_ips = ["192.168.0.0/16", "172.16.0.0/12"]
default_input = "drop"
ssh_ports = [2222]
allowed_ssh = ["192.0.2.0/24"]
ssl_enabled = false
ssl_cert = "/mine/cert.pem"
ssl_key = "/mine/key.pem"
hsts_enabled = true
tls = "external"
[logging]
level = "trace"
format = "pretty"
destination = "file"
file_path = "\${TETRA_DIR}/my.log"
retention_days = 1
[monitoring]
enabled = false
health_check_interval = 77
alert_on_failure = false
metrics_enabled = true
apm_enabled = true
[backup]
enabled = true
schedule = "5 5 * * 5"
retention_days = 99
offsite_enabled = true
[compliance]
audit_logging = true
retention_days = 5
`;

const flag = (dev: boolean, staging: boolean, prod: boolean) => [dev, staging, prod] as const;
const same = <T>(value: T) => [value, value, value] as const;

/** Key, then what it is in dev, staging and prod. */
const table: readonly (readonly [key: string, values: readonly unknown[]])[] = [
  ['environment.name', ['dev', 'staging', 'prod']],
  ['environment.type', ['development', 'staging', 'production']],
  [
    'environment.description',
    ['Development server (@dev)', 'Staging environment', 'Production environment - CRITICAL'],
  ],
  ['deployment.tetra_src', ['/root/src/devops/tetra', '/opt/tetra', '/opt/tetra']],
  ['deployment.tetra_dir', ['/root/tetra', '/var/lib/tetra', '/var/lib/tetra']],
  ['deployment.user', ['root', 'tetra', 'tetra']],
  ['deployment.group', ['root', 'tetra', 'tetra']],
  ['deployment.hostname', same('lap')],
  ['deployment.domain', ['dev.acme.com', 'staging.acme.com', 'acme.com']],
  ['deployment.base_domain', same('acme.com')],
  ['system.os', same('linux')],
  ['system.init_system', same('systemd')],
  ['system.auto_start', same(true)],
  ['system.timezone', same('Europe/Berlin')],
  ['ports.tetra', same(4455)],
  ['ports.devpages', same(3011)],
  ['ports.api', same(8091)],
  ['ports.dynamic_start', same(6010)],
  ['ports.dynamic_end', same(6109)],
  ['ports.offset', same(10)],
  ['services.tetra.enabled', same(true)],
  [
    'services.tetra.command',
    ['deno run main.ts --env dev', 'deno run main.ts --env staging', 'deno run main.ts --env production'],
  ],
  ['services.tetra.working_dir', ['/root/src/devops/tetra/app', '/opt/tetra/app', '/opt/tetra/app']],
  ['services.tetra.env_file', ['env/dev.env', 'env/staging.env', 'env/prod.env']],
  ['services.tetra.auto_restart', same(true)],
  ['services.tetra.description', same('Another server')],
  ['services.devpages.enabled', same(false)],
  ['services.devpages.command', same('make serve')],
  ['services.devpages.working_dir', ['/root/src/devops/devpages', '/opt/devpages', '/opt/devpages']],
  ['services.devpages.auto_restart', same(true)],
  ['resources.memory_max', [1024, 2048, 4096]],
  ['resources.nofile', [65536, 65536, 131072]],
  ['resources.nproc', [4096, 4096, 8192]],
  ['security.firewall_enabled', same(true)],
  ['security.allowed_ips', [['0.0.0.0/0'], ['10.0.0.0/8'], ['10.0.0.0/8']]],
  ['security.ssl_enabled', flag(false, true, true)],
  [
    'security.ssl_cert',
    ['', '/etc/letsencrypt/live/staging.acme.com/fullchain.pem', '/etc/letsencrypt/live/acme.com/fullchain.pem'],
  ],
  [
    'security.ssl_key',
    ['', '/etc/letsencrypt/live/staging.acme.com/privkey.pem', '/etc/letsencrypt/live/acme.com/privkey.pem'],
  ],
  ['security.hsts_enabled', flag(false, false, true)],
  ['security.tls', ['none', 'nginx', 'nginx']],
  ['security.default_input', ['accept', 'accept', 'drop']],
  ['security.ssh_ports', same([2222])],
  ['security.allowed_ssh', same(['192.0.2.0/24'])],
  ['logging.level', ['debug', 'info', 'warn']],
  ['logging.format', same('json')],
  ['logging.destination', same('syslog')],
  ['logging.file_path', ['/root/tetra/my.log', '/var/lib/tetra/my.log', '/var/lib/tetra/my.log']],
  ['logging.retention_days', [14, 30, 90]],
  ['monitoring.enabled', same(true)],
  ['monitoring.health_check_interval', same(30)],
  ['monitoring.alert_on_failure', same(true)],
  ['monitoring.metrics_enabled', flag(false, true, true)],
  ['monitoring.apm_enabled', flag(false, false, true)],
  ['backup.enabled', flag(false, true, true)],
  ['backup.schedule', ['', '0 3 * * *', '0 1 * * *']],
  ['backup.retention_days', [7, 14, 30]],
  ['backup.offsite_enabled', flag(false, false, true)],
  ['compliance.audit_logging', flag(false, false, true)],
  ['compliance.retention_days', [0, 0, 90]],
];

for (const [i, env] of ['dev', 'staging', 'prod'].entries()) {
  const made = promotion(local, env);
  const profile = suite(env);
  for (const [key, values] of table)
    profile(`${key} is ${formatValue(values[i] as string)}`, () => {
      assert.equal(settingOf(made, key), values[i]);
    });
  profile('makes the same of a source without comments and of one where each line has one', () => {
    const commented = local.replaceAll('\n', ' # prod: true, "127.0.0.1", root\n');
    assert.is(promotion(commented, env).bundle.name, made.bundle.name);
  });
  profile.run();
}

const rules = suite('rules');

rules('name keys that there are', () => {
  for (const profile of Object.values(profiles))
    for (const { key } of rulesOf(profile)) {
      const [section, ...rest] = key.split('.') as [string, ...string[]];
      const keys = rest[0] === '*' ? sections[section]?.each?.keys : sections[section]?.keys;
      assert.ok(keys && Object.hasOwn(keys, rest.at(-1) as string), key);
    }
});

rules('say why', () => {
  for (const profile of Object.values(profiles))
    for (const rule of rulesOf(profile)) assert.ok(rule.reason.trim(), rule.key);
});

rules('hold for the environment that extends their profile, under its own name', () => {
  const made = promotion(`${minimal}[deployment]\nbase_domain = "acme.com"\n[env.qa]\nextends = "staging"`, 'qa');
  for (const [key, value] of [
    ['environment.name', 'qa'],
    ['environment.type', 'staging'],
    ['deployment.domain', 'qa.acme.com'],
    ['services.tetra.command', 'node server/server.js --env qa'],
    ['services.tetra.env_file', 'env/qa.env'],
    ['resources.memory_max', 2048],
  ] as const)
    assert.is(settingOf(made, key), value);
});

rules('add --env to the service tetra and to those that ask for it, once', () => {
  const made = promotion(`
    [services.tetra]
    command = "a --env=production b"
    [services.flagged]
    command = "b"
    env_flag = true
    [services.redis]
    command = "redis-server"`);
  assert.is(settingOf(made, 'services.tetra.command'), 'a --env=production b');
  assert.is(settingOf(made, 'services.flagged.command'), 'b --env production');
  assert.is(settingOf(made, 'services.redis.command'), 'redis-server');
});

rules('refuse a command that names another environment, and warn of an override that names none', () => {
  const [problem] = problemsOf(minimal.replace('server.js"', 'server.js --env local"'), 'prod');
  assert.match(problem!.message, 'names another environment than production');
  const made = promotion(`${minimal}[env.prod.services.tetra]\ncommand = "node x"\n`, 'prod');
  assert.match(made.warnings.join(), 'services.tetra.command does not say --env production');
});

rules('leave the domain of the laptop where there is no other, and ask for one', () => {
  const made = promotion('[deployment]\ndomain = "lap.test"', 'prod');
  assert.is(settingOf(made, 'deployment.domain'), 'lap.test');
  assert.ok(made.unmet.some(unmet => unmet.rule === 'domain'));
});

rules.run();

/** What the tool before this one got wrong. */
const faults = suite('what must not happen again');

faults('a rule never reaches a key of the same name elsewhere', () => {
  const made = promotion(`${minimal}
    [services.tetra.environment]
    DB_USER = "appdb"
    [app]
    db_user = "appdb"
    user = "me"
    description = "of the application"
    cookie_domain = "shop.test"
    retention_days = 3
    memory_max = 5
    enabled = false
    level = "trace"`);
  for (const [key, value] of [
    ['app.db_user', 'appdb'],
    ['app.user', 'me'],
    ['app.description', 'of the application'],
    ['app.cookie_domain', 'shop.test'],
    ['app.retention_days', 3],
    ['app.memory_max', 5],
    ['app.enabled', false],
    ['app.level', 'trace'],
    ['services.tetra.environment.DB_USER', 'appdb'],
    ['logging.retention_days', 90],
    ['backup.retention_days', 30],
    ['compliance.retention_days', 90],
  ] as const)
    assert.is(settingOf(made, key), value);
});

faults('a value that differs from the default is not promoted unchanged', () => {
  const risky =
    '[resources]\nmemory_max = 512\n[deployment]\nuser = "x"\n[security]\nallowed_ips = ["1.0.0.0/8", "0.0.0.0/0"]\n';
  const made = promotion(`${minimal}${risky}[logging]\nlevel = "trace"`);
  for (const [key, value] of [
    ['resources.memory_max', 4096],
    ['deployment.user', 'tetra'],
    ['logging.level', 'warn'],
  ] as const)
    assert.is(settingOf(made, key), value);
  assert.equal(settingOf(made, 'security.allowed_ips'), ['10.0.0.0/8']);
});

faults('a comment decides nothing', () => {
  const bare = '[monitoring]\nenabled = false\n';
  const marked = '[monitoring]\nenabled = false # prod: false\n# prod: true\n';
  assert.is(promotion(minimal + marked).bundle.name, promotion(minimal + bare).bundle.name);
  assert.is(settingOf(promotion(minimal + marked), 'monitoring.enabled'), true);
});

faults('a text that is not closed does not pass', () => {
  const [problem] = problemsOf(`${minimal}[app]\nx = "open\n`, 'prod');
  assert.match(problem!.message, 'not valid TOML');
  assert.is(problem!.at?.line, minimal.split('\n').length + 1);
});

faults('the limits in the units are those of the environment', () => {
  for (const [env, limit] of [
    ['dev', '1024M'],
    ['staging', '2048M'],
    ['prod', '4096M'],
  ] as const)
    assert.match(fileOf(promotion(minimal, env), `systemd/acme-${env}-tetra.service`), `\nMemoryMax=${limit}\n`);
});

faults('no value of a secret reaches a bundle, only its name', () => {
  const made = promotion(`${minimal}[secrets]\nrequired = ["DB_PASS"]`);
  assert.match(fileOf(made, 'secrets.toml'), 'required = ["DB_PASS"]');
  assert.match(
    fileOf(made, 'systemd/acme-prod-tetra.service'),
    '\nEnvironmentFile=/etc/tetra/acme-prod/env/prod.env\n',
  );
});

faults('one error anywhere is enough: there is no bundle', () => {
  assert.throws(() => source(`${minimal}[resources]\nmemory_max = "lots"`), /memory_max must be/);
  assert.throws(() => promotion(`${minimal}[env.prod.security]\nssl_enabled = false`), /ssl_enabled is false/);
});

faults.run();
