import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { styleFor } from '../../../bin/cli/style.js';
import { openPlain } from '../../../bin/ui/plain.js';
import { type Stream, streams } from './streams.js';

function linesOf({ hosts, events }: Stream, color: 'always' | 'never' = 'never'): string[] {
  let text = '';
  const options = {
    title: 'acme prod',
    hosts,
    soak: 10,
    confirmCommand: 'tsm org confirm @prod',
    screen: { json: false, color },
  };
  const progress = openPlain(options, styleFor(color, false), more => {
    text += more;
  });
  for (const event of events) progress.event(event);
  return text.split('\n');
}

const beginning = `acme prod
  0.0s  connect    deploy@web1.acme.com
  0.2s  ship       9 files, 14 KB
  0.2s  lease      nobody else is at work
  0.2s  verify     9 files as the bundle lists them
  0.2s  plan       generation 7 -> 8
                   ~ restart acme-prod-api  Service.MemoryMax, Service.Environment
                   + start   acme-prod-mailer  new
                   - stop    acme-prod-legacy  removed
                   . stale   acme-prod-db  Service.LimitNOFILE
                   4 files: 1 added, 2 changed, 1 removed
                   ~ load firewall
                   ! closes tcp 8080 (python3)
  0.3s  check      secrets, users, programs, units, rules, ports
`;

const converging = `                   12 checks passed
  1.5s  stage      both generations on disk
  1.6s  boundary   takes itself back from here on
  1.6s  stop       acme-prod-legacy
  2.1s  switch     91c4d2aa
  2.1s  reload     systemd
  2.4s  firewall   14 rules
  2.5s  start      acme-prod-mailer, acme-prod-api
  3.3s  watch      3 services
`;

const confirming = ` 13.3s  confirm    a fresh connection has to get in
                   connecting anew, to confirm within 60 s
 13.8s  confirmed  generation 8 is active
`;

const table: Readonly<Partial<Record<keyof typeof streams, string>>> = {
  good: beginning + converging + confirming,
  manual: `${beginning}${converging} 13.3s  confirm    a person has to say yes
                   -> confirm within 60 s: tsm org confirm @prod
 24.2s  confirmed  generation 8 is active
                   . left as it was: acme-prod-db
`,
  reverted: `${beginning}${converging}  6.6s  revert     to generation 7
  8.1s  reverted   generation 7 is active again
                   acme-prod-api restarted 3 times within 3 s
                   | Error: listen EADDRINUSE: address already in use :::8080
                   |   at Server.setupListenHandle (node:net:1817:16)
                   | acme-prod-api.service: Main process exited, code=exited, status=1/FAILURE
                   -> on web1: journalctl -u acme-prod-api
`,
  refused: `${beginning}  1.1s  refused    generation 7 stays active
                   3 of 12 checks failed
                   | secrets: /etc/tetra/acme-prod/api.env lacks STRIPE_KEY
                   | programs: /srv/acme/server.js is not there
                   | ports: tcp 8080 is taken by python3 (pid 4711)
                   -> tsm org secrets push @prod
`,
  unchanged: `acme prod
  0.0s  connect    deploy@web1.acme.com
  0.1s  ship       there already
  0.1s  lease      nobody else is at work
  0.2s  verify     9 files as the bundle lists them
  0.2s  plan       generation 8 -> 8
  0.2s  unchanged  generation 8 was active already
`,
  attached: `${beginning}${converging}                   connection lost; the host goes on by itself
                   attached again
${confirming}`,
  planned: `${beginning}                   12 checks passed
  1.5s  planned    generation 7 stays active
                   plan sha256:3f2a91c04be75d6688f1c0de9a417b25
                   -> tsm org activate @prod --plan sha256:3f2a91c04be75d6688f1c0de9a417b25
`,
  hostile: `acme prod
  0.0s  connect    \\u{1b}]0;title\\u{7}deploy
                   over\\u{d}written \\u{202e}right to left
  0.0s  unreachable  what it runs is not known
                   line 1\\u{a}line 2
                   | \\u{1b}[1A
                   -> ssh \\u{9b}31m
`,
};

const plain = suite('openPlain');

for (const [name, expected] of Object.entries(table))
  plain(`writes "${name}" as lines`, () => {
    assert.fixture(linesOf(streams[name as keyof typeof streams]).join('\n'), expected);
  });

plain('begins each line with the host where there are several', () => {
  const [title, ...lines] = linesOf(streams.two).slice(0, -1);
  assert.is(title, 'acme prod');
  assert.is(lines[0], 'web1         0.0s  connect    deploy@web1.acme.com');
  assert.is(lines[5], 'web1                          ~ restart acme-prod-api  Service.MemoryMax, Service.Environment');
  assert.is(
    lines.find(line => line.includes('db-primary')),
    'db-primary   0.0s  connect    deploy@db-primary.acme.com',
  );
  assert.ok(lines.every(line => /^(web1 {7}|db-primary ) /.test(line)));
});

for (const [name, stream] of Object.entries(streams))
  plain(`writes "${name}" without control characters, blanks at the end or a line twice`, () => {
    const lines = linesOf(stream).slice(0, -1);
    for (const line of lines) assert.not.match(line, /[\x00-\x1f\x7f-\x9f]|\s$/);
    assert.is(new Set(lines).size, lines.length);
  });

plain('says the same with colours', () => {
  const colored = linesOf(streams.two, 'always').join('\n');
  assert.match(colored, '\x1b[31m');
  assert.is(colored.replaceAll(/\x1b\[\d+m/g, ''), linesOf(streams.two).join('\n'));
});

plain.run();
