import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseSource } from '../../lib/source.js';
import { dotted } from '../../lib/text.js';
import { minimal, problemsOf, source } from '../support/sources.js';

/** Each row: what is wrong, the text, the path that is blamed, what the message says, what the hint says. */
type Row = readonly [what: string, text: string, path: string, message: RegExp, hint?: RegExp];

function refuses(name: string, rows: readonly Row[]) {
  const test = suite(name);
  for (const [what, text, path, message, hint] of rows)
    test(`refuses ${what}`, () => {
      const problems = problemsOf(text);
      const shown = problems.map(problem => `${dotted(problem.path ?? [])}: ${problem.message} (${problem.hint})`);
      const found = problems.find(problem => dotted(problem.path ?? []) === path);
      assert.ok(found, `no problem at ${path}: ${shown.join('\n')}`);
      assert.match(found.message, message);
      if (hint) assert.match(found.hint ?? '', hint);
      assert.is(problems.length, 1, shown.join('\n'));
    });
  return test;
}

refuses('unknown names', [
  [
    'a slip of the pen',
    '[resources]\nmemory_mx = 1',
    'resources.memory_mx',
    /unknown key memory_mx/,
    /mean memory_max/,
  ],
  ['a key far from any', '[resources]\ngpu = 1', 'resources.gpu', /unknown key gpu in \[resources\]/, /\[app\]/],
  ['a key of another section', '[logging]\nnofile = 1', 'logging.nofile', /unknown key/],
  ['a slip in a service', '[services.a]\ncomand = "x"', 'services.a.comand', /unknown key/, /mean command/],
  [
    'a slip in an override',
    '[env.prod.logging]\nlevle = "warn"',
    'env.prod.logging.levle',
    /unknown key/,
    /mean level/,
  ],
  ['a slip in a check', '[services.a.health]\nhtpp = "/"', 'services.a.health.htpp', /unknown key/, /mean http/],
  ['a near miss of a section', '[secuirty]\nx = 1', 'secuirty', /unknown section/, /mean \[security\]/],
  ['a section in capitals', '[Ports]\nx = 1', 'Ports', /unknown section/, /mean \[ports\]/],
  ['a near miss in an override', '[env.dev.port]\nx = 1', 'env.dev.port', /unknown section/, /mean \[ports\]/],
  ['a value outside of any table', 'debug = true', 'debug', /outside of any table/, /\[app\]/],
  ['the same in an override', '[env.dev]\ndebug = true', 'env.dev.debug', /outside of any table/],
  ['a value named as every object inherits', 'constructor = 1', 'constructor', /outside of any table/],
  ['a table named bundle', '[bundle]\nx = 1', 'bundle', /reserved/],
  ['a table named organization', '[organization]\nx = 1', 'organization', /reserved/],
  ['overrides within overrides', '[env.dev.env.prod]\nx = 1', 'env.dev.env', /reserved/],
  ['a section that is no table', 'ports = 4444', 'ports', /must be a table, not a whole number/],
  ['a service in capitals', '[services.API]\ncommand = "x"', 'services.API', /no name for an entry/, /a-z, 0-9/],
  ['a port with a space', '[ports]\n"a b" = 1', 'ports."a b"', /no name for an entry/],
  [
    'a variable with a dash',
    '[services.a.environment]\n"A-B" = "x"',
    'services.a.environment.A-B',
    /no name/,
    /letters, digits/,
  ],
  ['a service named toString', '[services.toString]\na = "x"', 'services.toString', /no name/],
  ['a key named toString', '[services.a.toString]\nx = 1', 'services.a.toString', /unknown key/],
]).run();

refuses('values of the wrong kind', [
  ['text for a flag', '[system]\nauto_start = "yes"', 'system.auto_start', /must be true or false, not "yes"/],
  ['a number for text', '[deployment]\nuser = 1', 'deployment.user', /an account name.*, not 1$/],
  ['a list for text', '[deployment]\nuser = ["a"]', 'deployment.user', /not a list/],
  [
    'a float for a whole number',
    '[resources]\nnofile = 1.0',
    'resources.nofile',
    /must be a number.*not the number 1\.0/,
  ],
  ['a table for a list', '[security.allowed_ips]\nx = 1', 'security.allowed_ips', /must be a list of networks/],
  ['a date for a schedule', '[backup]\nschedule = 2024-01-01', 'backup.schedule', /cron text.*not a date/],
  ['a value below', '[resources]\nmemory_max = -1', 'resources.memory_max', /0 to 16777216, not -1/],
  ['a value above', '[backup]\nretention_days = 36501', 'backup.retention_days', /0 to 36500, not 36501/],
  ['a number of 64 bits', '[resources]\nnproc = 9223372036854775807', 'resources.nproc', /must be a number/],
  ['an interval of 0', '[monitoring]\nhealth_check_interval = 0', 'monitoring.health_check_interval', /seconds, 1 to/],
  ['an unknown word', '[logging]\nlevel = "loud"', 'logging.level', /one of trace, debug, .* not "loud"/],
  ['a word in capitals', '[logging]\nlevel = "WARN"', 'logging.level', /one of/],
  ['port 0', '[ports]\na = 0', 'ports.a', /a port, 1 to 65535, not 0/],
  ['port 65536', '[ports]\na = 65536', 'ports.a', /not 65536/],
  ['a port as text', '[ports]\na = "80"', 'ports.a', /a port, 1 to 65535, not "80"/],
  ['an sshd port of 0', '[security]\nssh_ports = [22, 0]', 'security.ssh_ports[1]', /a list of ports/],
  ['a user with a space', '[deployment]\nuser = "a b"', 'deployment.user', /an account name/],
  ['a user of 32 letters', `[deployment]\nuser = "${'a'.repeat(32)}"`, 'deployment.user', /at most 31/],
  ['a relative folder', '[deployment]\ntetra_src = "src"', 'deployment.tetra_src', /a path: absolute/],
  ['a folder with a quote', "[deployment]\ntetra_src = '/a\"b'", 'deployment.tetra_src', /without spaces, quotes/],
  ['a folder with a space', '[deployment]\ntetra_dir = "/a b"', 'deployment.tetra_dir', /without spaces/],
  ['a folder with a newline', '[deployment]\ntetra_dir = "/a\\nb"', 'deployment.tetra_dir', /without spaces/],
  ['a newline in a command', '[services.a]\ncommand = "a\\nUser=root"', 'services.a.command', /control/],
  ['a newline in a description', '[services.a]\ndescription = "a\\nb"', 'services.a.description', /control/],
  ['a bell in a variable', '[services.a.environment]\nA = "\\u0007"', 'services.a.environment.A', /control/],
  [
    'a text that turns the line around',
    '[environment]\ndescription = "a\\u202eb"',
    'environment.description',
    /control/,
  ],
  ['what systemd calls no UTF-8', '[environment]\ndescription = "a\\uFFFFb"', 'environment.description', /control/],
  ['a backslash at the end', "[environment]\ndescription = 'a\\'", 'environment.description', /backslash/],
  ['white space around', '[environment]\ndescription = " a"', 'environment.description', /white space/],
  ['a time zone that is a path', '[system]\ntimezone = "../etc/passwd"', 'system.timezone', /a time zone/],
  ['a role in capitals', '[services.a]\nroles = ["Web"]', 'services.a.roles[0]', /a list of roles, each named with/],
  ['a role with a space', '[services.a]\nroles = ["a b"]', 'services.a.roles[0]', /a list of roles/],
  ['a role that is no list', '[services.a]\nroles = "web"', 'services.a.roles', /a list of roles.*, not "web"/],
  ['no time at all to stop', '[services.a]\nstop_timeout = 0', 'services.a.stop_timeout', /seconds, 1 to 3600, not 0/],
  ['a health port of 0', '[services.a.health]\ntcp = 0', 'services.a.health.tcp', /a number from 1 to 65535.*, not 0/],
  ['a health port that is false', '[services.a.health]\ntcp = false', 'services.a.health.tcp', /true for the port of/],
  ['a health path without a slash', '[services.a.health]\nhttp = "h"', 'services.a.health.http', /must be a path such/],
  ['a health URL with TLS', '[services.a.health]\nhttp = "https://a"', 'services.a.health.http', /begin with http:/],
  [
    'a health URL with a user',
    '[services.a.health]\nhttp = "http://u:p@h/"',
    'services.a.health.http',
    /URL such as "[^@]*$/,
  ],
  ['a health URL with a space', '[services.a.health]\nhttp = "/a b"', 'services.a.health.http', /must be a path such/],
  [
    'a health URL on port 65536',
    '[services.a.health]\nhttp = "http://h:65536"',
    'services.a.health.http',
    /must be a path/,
  ],
  [
    'a newline in a health URL',
    '[services.a.health]\nhttp = "/\\nX=1"',
    'services.a.health.http',
    /must be a path such/,
  ],
  ['a secret with a value', '[secrets]\nrequired = ["A=b"]', 'secrets.required[0]', /environment variable names$/],
]).run();

refuses('schedules, networks and host names', [
  ['four cron fields', '[backup]\nschedule = "0 3 * *"', 'backup.schedule', /five fields/],
  ['hour 24', '[backup]\nschedule = "0 24 * * *"', 'backup.schedule', /hour must lie in 0 to 23/],
  ['an unknown nickname', '[backup]\nschedule = "@often"', 'backup.schedule', /not one of @hourly/],
  [
    'host bits',
    '[security]\nallowed_ips = ["10.0.0.5/8"]',
    'security.allowed_ips',
    /10\.0\.0\.5\/8.*host bits.*10\.0\.0\.0\/8 is/,
  ],
  [
    'host bits in IPv6',
    '[security]\nallowed_ips = ["2001:db8::1/32"]',
    'security.allowed_ips',
    /host bits.*2001:db8::\/32/,
  ],
  ['a name', '[security]\nallowed_ips = ["localhost"]', 'security.allowed_ips', /one of them is not/],
  ['a short address', '[security]\nallowed_ips = ["10.1/16"]', 'security.allowed_ips', /one of them is not/],
  ['a prefix of 33', '[security]\nallowed_ips = ["10.0.0.0/33"]', 'security.allowed_ips', /one of them is not/],
  ['nft code', '[security]\nallowed_ips = ["10.0.0.0/8 } accept"]', 'security.allowed_ips', /one of them is not/],
  ['a bad network for ssh', '[security]\nallowed_ssh = ["x"]', 'security.allowed_ssh', /one of them is not/],
  ['a host name in capitals', '[deployment]\ndomain = "Example.com"', 'deployment.domain', /a host name/],
  ['an underscore', '[deployment]\nhostname = "a_b"', 'deployment.hostname', /a host name/],
  ['a dash at an end', '[deployment]\nhostname = "a-.b"', 'deployment.hostname', /a host name/],
  ['a label of 64', `[deployment]\ndomain = "${'a'.repeat(64)}.b"`, 'deployment.domain', /a host name/],
  ['a URL', '[deployment]\nbase_domain = "https://a.b"', 'deployment.base_domain', /a host name/],
]).run();

refuses('environments', [
  [
    'an environment without a profile',
    '[env.qa.app]\nx = 1',
    'env.qa',
    /no profile is named qa/,
    /extends = "staging"/,
  ],
  ['a slip of the pen', '[env.prd.app]\nx = 1', 'env.prd', /no profile is named prd/, /mean \[env\.prod\]/],
  ['an unknown profile', '[env.qa]\nextends = "stagin"', 'env.qa.extends', /must name a profile: dev, staging, prod/],
  ['one that extends itself', '[env.qa]\nextends = "qa"', 'env.qa.extends', /must name a profile/],
  ['a profile that extends another', '[env.prod]\nextends = "dev"', 'env.prod.extends', /cannot extend/],
  ['overrides for local', '[env.local.app]\nx = 1', 'env.local', /the source itself/],
  ['production', '[env.production.app]\nx = 1', 'env.production', /another word for prod/, /\[env\.prod\]/],
  ['a hyphen', '[env.qa-1]\nextends = "dev"', 'env.qa-1', /a-z and 0-9/],
  ['capitals', '[env.QA]\nextends = "dev"', 'env.QA', /a-z and 0-9/],
  ['33 letters', `[env.${'q'.repeat(33)}]\nextends = "dev"`, `env.${'q'.repeat(33)}`, /at most 32/],
  ['env that is no table', 'env = "prod"', 'env', /must be a table of environments, not text/],
  ['an environment that is no table', '[env]\nprod = 1', 'env.prod', /must be a table, not a whole number/],
  [
    'accept without a reason',
    '[[env.prod.accept]]\nrule = "ssl-on"',
    'env.prod.accept[0]',
    /needs reason/,
    /takes rule = /,
  ],
  ['accept without a rule', '[[env.prod.accept]]\nreason = "x"', 'env.prod.accept[0]', /needs rule/],
  [
    'an empty reason',
    '[[env.prod.accept]]\nrule = "a"\nreason = " "',
    'env.prod.accept[0].reason',
    /must not be empty/,
  ],
  ['accept as one table', '[env.prod.accept]\nrule = "a"\nreason = "b"', 'env.prod.accept', /must be a list/],
  [
    'more than rule and reason',
    '[[env.prod.accept]]\nrule = "a"\nreason = "b"\nby = "c"',
    'env.prod.accept[0].by',
    /not known/,
  ],
]).run();

const parse = suite('parseSource');

parse('tells all problems at once', () => {
  const text = `
    stray = 1
    [secuirty]
    x = 1
    [ports]
    api = 0
    [logging]
    levl = "warn"
    [backup]
    schedule = "soon"
    [services.API]
    command = "x"
    [env.prod.resources]
    memory_max = -1
    [env.qa.app]
    x = 1
    [[env.dev.accept]]
    rule = "ssl-on"
  `;
  assert.equal(
    problemsOf(text)
      .map(problem => dotted(problem.path ?? []))
      .sort(),
    [
      'backup.schedule',
      'env.dev.accept[0]',
      'env.prod.resources.memory_max',
      'env.qa',
      'logging.levl',
      'ports.api',
      'secuirty',
      'services.API',
      'stray',
    ],
  );
});

parse('shows no value that could be a secret', () => {
  const text = `
    [services.api.environment]
    A = 12345678
    B = 1234.5678
    C = "hunter\\u0007"
    [secrets]
    required = ["hunter2-x"]
  `;
  const problems = problemsOf(text);
  assert.is(problems.length, 4);
  assert.not.match(JSON.stringify(problems.map(({ message, hint }) => [message, hint])), /hunter|1234/);
});

parse("hands the application's tables on, whatever their names", () => {
  const names = ['app', 'database', 'constructor', 'toString', '__proto__', 'hasOwnProperty'];
  const made = source(`${minimal}\n${names.map(name => `[${name}]\nx = 1\n`).join('')}`);
  assert.equal(
    Object.keys(made.local).filter(name => names.includes(name)),
    names,
  );
});

parse('takes ports, services and variables by any good name', () => {
  const text = `[ports]\nconstructor = 80\n[services.constructor]\ncommand = "x"
    [services.constructor.environment]\ntoString = "a"\n__proto__ = "b"`;
  assert.equal(problemsOf(text), []);
});

parse('leaves [app] alone, even where it looks like a section', () => {
  assert.equal(problemsOf('[app.secuirty]\nports = "x"\n[[app.list]]\nx = 1'), []);
});

parse('keeps what belongs to an environment apart from local', () => {
  const made = source(`${minimal}
    [env.qa]
    extends = "staging"
    [env.qa.app]
    x = 1
    [[env.qa.accept]]
    rule = "ssl-on"
    reason = "a test"`);
  assert.not.ok('env' in made.local);
  assert.ok('env' in made.document);
  const { qa } = made.environments;
  assert.is(qa!.extends, 'staging');
  assert.equal(
    qa!.accept.map(waiver => waiver.reason),
    ['a test'],
  );
  assert.equal(Object.keys(qa!.settings), ['app']);
});

parse('passes on the place of a syntax error', () => {
  assert.is(parseSource('a = 1\nb = "', []).problems?.[0]?.at?.line, 2);
});

parse.run();
