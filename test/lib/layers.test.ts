import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dotted } from '../../lib/text.js';
import type { Leaf } from '../../lib/types.js';
import { minimal, problemsOf, promotion, settingOf } from '../support/sources.js';

function leaf(text: string, key: string, env = 'prod'): Leaf {
  const found = promotion(text, env).leaves.get(key);
  if (!found) throw new Error(`no ${key}`);
  return found;
}

/** The layers of a leaf from the strongest down, each with its value. */
function chain(from: Leaf | undefined): string[] {
  return from ? [`${from.layer} ${JSON.stringify(from.value)}`, ...chain(from.below)] : [];
}

const layers = suite('layers');

for (const [what, text, key, expected] of [
  ['default where nobody speaks', '', 'deployment.hostname', ['default "localhost"']],
  ['local over default', '[deployment]\nhostname = "a"', 'deployment.hostname', ['local "a"', 'default "localhost"']],
  ['profile over default', '', 'logging.level', ['profile "warn"', 'default "debug"']],
  [
    'profile over local',
    '[logging]\nlevel = "trace"',
    'logging.level',
    ['profile "warn"', 'local "trace"', 'default "debug"'],
  ],
  [
    'override over all',
    '[logging]\nlevel = "trace"\n[env.prod.logging]\nlevel = "error"',
    'logging.level',
    ['override "error"', 'profile "warn"', 'local "trace"', 'default "debug"'],
  ],
  [
    'override over local where the profile says nothing',
    '[deployment]\nhostname = "a"\n[env.prod.deployment]\nhostname = "b"',
    'deployment.hostname',
    ['override "b"', 'local "a"', 'default "localhost"'],
  ],
  ['override of what nobody else has', '[env.prod.app]\nx = 1', 'app.x', ['override 1']],
] as const)
  layers(`says ${what}`, () => {
    assert.equal(chain(leaf(minimal + text, key)), [...expected]);
  });

layers('knows the rule and its reason', () => {
  assert.equal(leaf(minimal, 'logging.level').rule, {
    profile: 'prod',
    key: 'logging.level',
    reason: 'what needs attention',
  });
  const { rule } = leaf(minimal, 'services.tetra.auto_restart');
  assert.equal([rule?.profile, rule?.key], ['server', 'services.*.auto_restart']);
});

layers('knows where local.toml says it', () => {
  const text = `${minimal}[logging]\nlevel = "trace"\n[env.prod.deployment]\nhostname = "b"`;
  assert.equal(leaf(text, 'deployment.hostname').origin, ['env', 'prod', 'deployment', 'hostname']);
  assert.is(leaf(text, 'logging.level').origin, undefined);
  assert.equal(leaf(text, 'logging.level').below?.origin, ['logging', 'level']);
  assert.is(leaf(text, 'backup.enabled').below?.origin, undefined);
});

layers('merges tables by key and replaces lists as a whole', () => {
  const made = promotion(`${minimal}
    [app]
    list = [1, 2, 3]
    [app.deep]
    a = 1
    b = 2
    [env.prod.app]
    list = [4]
    [env.prod.app.deep]
    b = 3
    c = 4`);
  for (const [key, value] of [
    ['app.list', [4]],
    ['app.deep.a', 1],
    ['app.deep.b', 3],
    ['app.deep.c', 4],
  ] as const)
    assert.equal(settingOf(made, key), value);
});

layers('lets a value take the place of a table, and a table that of a value', () => {
  const made = promotion(`${minimal}[app]\na.x = 1\nb = 1\nc.x = 1\n[env.prod.app]\na = 2\nb.x = 2\nc = {}`);
  assert.equal(
    [...made.leaves.keys()].filter(key => key.startsWith('app.')),
    ['app.a', 'app.b.x', 'app.c.x'],
  );
});

layers('keeps what another environment says out', () => {
  const other = `${minimal}[env.dev.app]\nsecret = "of dev"\n[env.dev.services.extra]\ncommand = "x"\n[env.dev.logging]\nlevel = "error"`;
  assert.is(promotion(other).bundle.name, promotion(minimal).bundle.name);
  assert.is.not(promotion(other, 'dev').bundle.name, promotion(minimal, 'dev').bundle.name);
});

layers('lays rules for every service over one that only an override has', () => {
  const made = promotion(`${minimal}
    [env.prod.services.extra]
    command = "extra"
    env_flag = true
    env_file = "x.env"`);
  assert.is(settingOf(made, 'services.extra.auto_restart'), true);
  assert.is(settingOf(made, 'services.extra.env_file'), 'x.env');
  assert.is(settingOf(made, 'services.extra.working_dir'), '/opt/tetra');
});

layers('takes a command from an override as it was written, and warns where it lacks the environment', () => {
  const made = promotion(`${minimal}[env.prod.services.tetra]\ncommand = "other"`);
  assert.is(settingOf(made, 'services.tetra.command'), 'other');
  assert.match(made.warnings.join(), 'services.tetra.command does not say --env production');
});

layers.run();

const rules = suite('rules that read other settings');

for (const [what, text, key, value, dependsOn] of [
  [
    'base_domain',
    '[deployment]\nbase_domain = "acme.com"',
    'deployment.domain',
    'acme.com',
    ['deployment.base_domain'],
  ],
  [
    'an overridden base_domain',
    '[deployment]\nbase_domain = "acme.com"\n[env.prod.deployment]\nbase_domain = "acme.org"',
    'security.ssl_cert',
    '/etc/letsencrypt/live/acme.org/fullchain.pem',
    ['deployment.domain'],
  ],
  [
    'an overridden domain',
    '[deployment]\nbase_domain = "acme.com"\n[env.prod.deployment]\ndomain = "shop.acme.com"',
    'security.ssl_key',
    '/etc/letsencrypt/live/shop.acme.com/privkey.pem',
    ['deployment.domain'],
  ],
  [
    'an overridden tetra_dir',
    '[env.prod.deployment]\ntetra_dir = "/srv/data"',
    'logging.file_path',
    '/srv/data/logs/tetra.log',
    ['deployment.tetra_dir'],
  ],
  [
    'an overridden env_flag',
    '[services.api]\ncommand = "api"\n[env.prod.services.api]\nenv_flag = true',
    'services.api.command',
    'api --env production',
    ['services.api.env_flag'],
  ],
] as const)
  rules(`see ${what}`, () => {
    const found = leaf(minimal + text, key);
    assert.is(found.value, value);
    assert.equal(found.dependsOn, [...dependsOn]);
  });

rules.run();

const paths = suite('paths');

for (const [written, expected] of [
  ['${TETRA_SRC}/../devpages', '/opt/devpages'],
  ['${TETRA_SRC}//a/./b/', '/opt/tetra/a/b'],
  ['${TETRA_DIR}', '/var/lib/tetra'],
  ['~/x/..', '/home/tetra'],
  ['~', '/home/tetra'],
  ['/a/../../b', '/b'],
  ['/', '/'],
] as const)
  paths(`${written} becomes ${expected}`, () => {
    const accept =
      '[[env.prod.accept]]\nrule = "hardened"\nreason = "a test"\n[env.prod.security]\nhardening = "basic"';
    const made = promotion(`${minimal}working_dir = "${written}"\n${accept}`);
    assert.is(settingOf(made, 'services.tetra.working_dir'), expected);
  });

paths("know the two folders in the application's tables too, and leave the rest to the application", () => {
  const made = promotion(
    `${minimal}[app]\na = ["\${TETRA_DIR}/x", { b = "\${TETRA_SRC}" }]\nc = "\${HOME} ~/x /a/../b $\${TETRA_DIR}"`,
  );
  assert.equal(JSON.stringify(settingOf(made, 'app.a')), '["/var/lib/tetra/x",{"b":"/opt/tetra"}]');
  assert.is(settingOf(made, 'app.c'), '${HOME} ~/x /a/../b ${TETRA_DIR}');
});

paths('that need each other are a problem', () => {
  const problems = problemsOf(
    `${minimal}[env.prod.deployment]\ntetra_src = "\${TETRA_DIR}/x"\ntetra_dir = "\${TETRA_SRC}/y"`,
    'prod',
  );
  assert.match(problems[0]!.message, /^these settings need each other: deployment\.tetra_(src|dir) -> /);
  assert.match(dotted(problems[0]!.path ?? []), /^env\.prod\.deployment\.tetra_(src|dir)$/);
  assert.is(problems.length, 1);
});

paths('that need themselves are a problem', () => {
  const problems = problemsOf(`${minimal}[env.prod.deployment]\ntetra_dir = "\${TETRA_DIR}/x"`, 'prod');
  assert.match(problems[0]!.message, 'deployment.tetra_dir -> deployment.tetra_dir');
});

paths.run();

const offset = suite('ports.offset');

offset('moves every port, whichever layer set it', () => {
  const made = promotion(`
    [ports]
    tetra = 4444
    [services.tetra]
    command = "x"
    [env.prod.ports]
    offset = 100
    api = 8080`);
  for (const [name, port] of [
    ['tetra', 4544],
    ['api', 8180],
    ['dynamic_start', 5100],
    ['dynamic_end', 5199],
    ['offset', 100],
  ] as const)
    assert.is(settingOf(made, `ports.${name}`), port);
  assert.equal(settingOf(made, 'security.ssh_ports'), [22]);
  assert.equal(
    leaf(`${minimal}[ports.x]`.replace('[ports.x]', '[env.prod.ports]\noffset = 1'), 'ports.tetra').dependsOn,
    ['ports.offset'],
  );
});

offset('that moves a port beyond the last is a problem', () => {
  const [problem] = problemsOf(`[ports]\na = 65000\n[env.prod.ports]\noffset = 1000`, 'prod');
  assert.match(problem!.message, 'ports.a is 66000 after the offset, but ports end at 65535');
  assert.equal(problem!.path, ['ports', 'a']);
});

offset.run();
