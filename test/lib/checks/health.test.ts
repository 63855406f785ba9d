import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dotted } from '../../../lib/text.js';
import { problemsOf } from '../../support/sources.js';

const base = '[ports]\napi = 8080\nadmin = 9090\n[services.api]\ncommand = "api"\n[services.job]\ncommand = "job"\n';

const check = suite('checkHealth');

for (const [what, service, text, path, message, hint] of [
  ['two checks', 'api', 'http = "/"\ntcp = true', 'tcp', /has both http and tcp/, /http = ""/],
  ['three checks', 'api', 'http = "/"\ncommand = "x"\ntcp = 1', 'tcp', /has both http and tcp/],
  ['times without a check', 'api', 'interval = 5', 'interval', /interval, but nothing to look at/, /http, tcp or/],
  ['a path without a port', 'job', 'http = "/"', 'http', /the port of the service, which has none/, /whole address/],
  ['a connection without a port', 'job', 'tcp = true', 'tcp', /which has none/, /port = "\.\.\."/],
  ['an unknown port', 'api', 'tcp = "admim"', 'tcp', /name of a port in \[ports\]/, /mean admin/],
  ['a number in quotes', 'api', 'tcp = "5432"', 'tcp', /name of a port/, /without quotes/],
  [
    'an unknown variable',
    'api',
    'http = "http://h:${PROT}/"',
    'http',
    /\$\{PROT\}, which nothing sets/,
    /mean \$\{PORT\}/,
  ],
  ['a variable that makes no URL', 'api', 'http = "http://h:${TZ}/"', 'http', /must be a path such as/],
  ['a command that needs a shell', 'api', 'command = "a | b"', 'command', /not run by a shell/],
  ['a command without a program', 'api', 'command = "+x"', 'command', /name or path of a program/],
  ['a process that is not known there', 'api', 'command = "a ${MAINPID}"', 'command', /which nothing sets/],
] as const)
  check(`refuses ${what}`, () => {
    const problems = problemsOf(`${base}[services.${service}.health]\n${text}\n`, 'prod');
    assert.equal(
      problems.map(problem => dotted(problem.path ?? [])),
      [`services.${service}.health.${path}`],
    );
    assert.match(problems[0]!.message, message);
    if (hint) assert.match(problems[0]!.hint ?? '', hint);
  });

for (const [service, text] of [
  ['api', 'http = ""\ninterval = 5'],
  ['api', 'http = "/"\ntcp = ""\ncommand = ""'],
  ['api', 'http = "http://localhost"'],
  ['job', 'http = "http://127.0.0.1:${PORT_ADMIN}/health"'],
  ['job', 'tcp = "admin"'],
  ['job', 'command = "check ${PORT_API} ${TETRA_DIR}"'],
] as const)
  check(`takes ${text.replaceAll('\n', ', ')}`, () => {
    assert.equal(problemsOf(`${base}[services.${service}.health]\n${text}\n`, 'prod'), []);
  });

check.run();

const reload = suite('reload_command');

for (const [what, command, message] of [
  ['a pipe', 'a | b', /not run by a shell/],
  ['a variable without braces', 'kill -HUP $MAINPID', /needs braces/],
  ['the process as the program', '${MAINPID}', /name or path of a program/],
  ['what nothing sets', 'kill ${MAINPIT}', /which nothing sets/],
] as const)
  reload(`refuses ${what}`, () => {
    const [problem] = problemsOf(`[services.api]\ncommand = "a"\nreload_command = "${command}"\n`, 'prod');
    assert.match(problem?.message ?? '', message);
    assert.equal(problem?.path, ['services', 'api', 'reload_command']);
  });

reload('alone knows the main process', () => {
  const [problem] = problemsOf('[services.api]\ncommand = "kill ${MAINPID}"\n', 'prod');
  assert.match(problem?.message ?? '', '${MAINPID}, which nothing sets');
});

reload.run();
