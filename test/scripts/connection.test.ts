import { fork } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exitCodes } from '../../lib/errors.js';
import type { Host } from '../../lib/hosts.js';
import { type Connection, connect } from '../../scripts/connection.js';
import { asRoot } from '../../scripts/shell.js';
import { errorOf } from '../support/errors.js';
import { testIfTools } from '../support/needs.js';
import { Sshd, until } from '../support/sshd.js';
import { sudoFolder } from '../support/sudo.js';

const host = (address: Host['address']): Host => ({ name: 'web1', address, environments: null, roles: [] });

interface Context {
  sshd: Sshd;
  connection: Connection;
}

const ssh = suite<Context>('connect, over ssh');
const overSsh = testIfTools(ssh, 'connections to a real sshd', 'ssh', 'sshd', 'ps');

ssh.before.each(async context => {
  context.sshd = await Sshd.start();
  context.connection = await connect(context.sshd.host, { command: context.sshd.command });
});
ssh.after.each(async ({ sshd, connection }) => {
  await connection.close();
  sshd.remove();
});

const clientPort = async (connection: Connection): Promise<string | undefined> => {
  const { stdout } = await connection.run('echo "$TSM_CONNECTION"');
  return stdout.split(' ')[1];
};

overSsh('uses one TCP connection for all scripts, also those at the same time', async ({ sshd, connection }) => {
  const ports = await Promise.all(Array.from({ length: 5 }, () => clientPort(connection)));
  assert.is(new Set([...ports, await clientPort(connection)]).size, 1);
  assert.is(sshd.logins, 1);
});

overSsh('opens a TCP connection for each script where it has to be fresh', async ({ sshd, connection }) => {
  const fresh = await connect(sshd.host, { command: sshd.command, fresh: true });
  const ports = [await clientPort(connection), await clientPort(fresh), await clientPort(fresh)];
  assert.is(new Set(ports).size, 3);
  await fresh.close();
});

overSsh('leaves nothing behind when it is closed, also where a script still runs', async ({ sshd, connection }) => {
  const running = errorOf(connection.run('sleep 10'));
  await connection.close();
  await connection.close();
  assert.is((await running).code, 'unreachable');
  await until('the server sees no connection', () => sshd.sessions === 0);
});

for (const signal of ['SIGINT', 'SIGKILL'] as const)
  overSsh(`leaves nothing behind after ${signal}`, async ({ sshd, connection }) => {
    await connection.close();
    await until('the server sees no connection', () => sshd.sessions === 0);
    const folder = mkdtempSync(join(tmpdir(), 'tetra-test-'));
    const child = fork(join(import.meta.dirname ?? __dirname, '../support/connected.ts'), {
      env: { ...process.env, TETRA_SSH: sshd.command, TMPDIR: folder },
    });
    const sockets = () => readdirSync(folder).filter(name => name.startsWith('tsm-'));
    await new Promise(resolve => child.once('message', resolve));
    assert.is(sockets().length, 1);
    child.kill(signal);
    await until('the server sees no connection', () => sshd.sessions === 0);
    await until('the socket is gone', () => sockets().length === 0);
    rmSync(folder, { recursive: true });
  });

overSsh('is out of reach when the server dies', async ({ sshd, connection }) => {
  let started = false;
  const running = errorOf(
    connection.run('echo started; sleep 10', {
      onLine: () => {
        started = true;
      },
    }),
  );
  await until('the script runs', () => started);
  sshd.kill();
  assert.is((await running).code, 'unreachable');
  const error = await errorOf(connection.run(':'));
  assert.match(error.message, 'web1 is out of reach: ');
  assert.match(error.message, 'Connection refused');
  assert.is(exitCodes[error.code], 69);
});

overSsh('does not accept a host key that is new, and names the command that asks', async ({ sshd }) => {
  sshd.forgetHost();
  const error = await errorOf(connect(sshd.host, { command: sshd.command }));
  assert.is(error.code, 'unreachable');
  assert.match(error.message, 'Host key verification failed');
  assert.ok(error.hint?.endsWith(`: ${sshd.command} web1`), error.hint);
  sshd.knowHost();
});

overSsh('never asks for a password', async ({ sshd }) => {
  writeFileSync(join(sshd.folder, 'authorized_keys'), '');
  const error = await errorOf(connect(sshd.host, { command: sshd.command }));
  assert.is(error.code, 'unreachable');
  assert.match(error.message, 'Permission denied');
});

overSsh('takes port and user from the host', async ({ sshd }) => {
  const address = { kind: 'ssh', destination: 'web1', user: 'nobody-here', port: 1 } as const;
  const error = await errorOf(connect(host(address), { command: sshd.command }));
  assert.match(error.message, 'port 1: Connection refused');
  assert.match(error.hint ?? '', '-p 1 -l nobody-here web1');
});

overSsh(
  'reads no configuration of people into a script: forwardings, a command, chatter',
  async ({ sshd, connection }) => {
    const config = join(sshd.folder, 'ssh_config');
    writeFileSync(
      config,
      '  RemoteCommand echo hello\n  RequestTTY force\n  LogLevel DEBUG\n  LocalForward 1 localhost:1\n',
      {
        flag: 'a',
      },
    );
    assert.equal(await connection.run('[ -t 0 ] || echo no'), { code: 0, stdout: 'no\n', stderr: '' });
  },
);

overSsh('names the line of sudoers that a refused user lacks', async ({ connection }) => {
  const folder = sudoFolder('refuses');
  const error = await errorOf(connection.run(`PATH=${folder}:$PATH; ${asRoot('true')}`));
  assert.is(exitCodes[error.code], 77);
  assert.match(error.message, 'ana may not become root on web1');
  assert.match(error.hint ?? '', /ana ALL=\(root\) NOPASSWD: \/usr\/local\/lib\/tsm\/host$/);
  rmSync(folder, { recursive: true });
});

ssh.run();

const config = suite('connect');

for (const [what, command, message] of [
  ['a program that is not there', 'no-such-ssh', /out of reach: .*not found/],
  ['an option that ssh does not know', 'ssh -o NoSuchOption=1', /out of reach: .*[Bb]ad configuration option/],
] as const)
  testIfTools(
    config,
    `TETRA_SSH: ${what}`,
    'ssh',
  )(`says so where TETRA_SSH names ${what}`, async () => {
    const error = await errorOf(connect(host({ kind: 'ssh', destination: 'web1' }), { command }));
    assert.is(error.code, 'unreachable');
    assert.match(error.message, message);
  });

config('refuses a TETRA_SSH that only a shell could read', async () => {
  const error = await errorOf(connect(host({ kind: 'ssh', destination: 'web1' }), { command: 'ssh | tee log' }));
  assert.is(error.code, 'usage');
});

config.run();

/** What every connection promises. */
function contract(name: string, open: (context: Context) => Promise<Connection>, isLocal: boolean) {
  const run = suite<Context>(`run, ${name}`);
  const test = isLocal ? run : testIfTools(run, `scripts ${name}`, 'ssh', 'sshd', 'ps');
  run.before(async context => {
    context.connection = await open(context);
  });
  run.after(async ({ sshd, connection }) => {
    await connection.close();
    sshd?.remove();
  });

  for (const text of [
    `it's "quoted"`,
    "'\\''",
    'back\\slash \\\\ \\n \\0101 \\',
    '$HOME `id` $(id) ${x}',
    '!x !! %s %b %%',
    '* ? [a-z] ~ ~root {a,b} # ; & | < > ( )',
    'line 1\nline 2\n\ttab\r\n',
    'żółć €  \u{1f600}',
    '-n',
    '',
  ])
    test(`hands over ${JSON.stringify(text)} unchanged`, async ({ connection }) => {
      const quoted = `'${text.replaceAll("'", `'\\''`)}'`;
      const { stdout, stderr } = await connection.run(`# it's a comment\nprintf '<%s>' ${quoted}`);
      assert.equal([stdout, stderr], [`<${text}>`, '']);
    });

  for (const [script, code] of [
    [':', 0],
    ['exit 1', 1],
    ['false', 1],
    ['no-such-command', 127],
    ['exit 254', 254],
    ['exit 255', 254],
    ["sh -c 'kill -9 $$'", 137],
    ["exec sh -c 'kill -9 $$'", 137],
    ['fi', 2],
  ] as const)
    test(`tells the exit code of: ${script}`, async ({ connection }) => {
      assert.is((await connection.run(script)).code, code);
    });

  test('keeps stdout and stderr apart', async ({ connection }) => {
    assert.equal(await connection.run('echo out; echo err >&2; exit 3'), { code: 3, stdout: 'out\n', stderr: 'err\n' });
  });

  test('gives a script no arguments, and nothing to read', async ({ connection }) => {
    assert.equal((await connection.run('echo "$#"; cat')).stdout, '0\n');
  });

  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) % 251));
  for (const [what, input] of [
    ['bytes', () => bytes],
    ['a stream', () => Readable.from([bytes.subarray(0, 70_000), bytes.subarray(70_000)])],
    ['text', () => bytes.toString('latin1')],
  ] as const)
    test(`feeds a script ${what}`, async ({ connection }) => {
      const given = input();
      const length = typeof given === 'string' ? Buffer.byteLength(given) : bytes.length;
      assert.is(Number((await connection.run('wc -c', { input: given })).stdout), length);
    });

  test('does not mind a script that leaves its input unread', async ({ connection }) => {
    const { code, stdout } = await connection.run('echo enough; exit 4', { input: Buffer.alloc(8_000_000) });
    assert.equal([code, stdout], [4, 'enough\n']);
  });

  test('fails where the input does', async ({ connection }) => {
    const input = Readable.from(
      (function* () {
        yield Buffer.from('half');
        throw new RangeError('no more');
      })(),
    );
    await connection.run('cat; sleep 10', { input }).then(
      () => assert.unreachable(),
      error => assert.instance(error, RangeError),
    );
  });

  test('tells each line as it comes', async ({ connection }) => {
    const lines: string[] = [];
    const controller = new AbortController();
    const script = `echo one; printf 'tw'; sleep 0.2; printf 'o\\n'; sleep 10; echo three`;
    const running = connection.run(script, { onLine: line => lines.push(line), signal: controller.signal });
    await until('two lines are there', () => lines.length === 2);
    controller.abort();
    await running.catch(() => {});
    assert.equal(lines, ['one', 'two']);
  });

  test('tells a last line without an end, and keeps separators that are no end', async ({ connection }) => {
    const lines: string[] = [];
    await connection.run(`printf 'a\u2028b\\n\\nc'`, { onLine: line => lines.push(line) });
    assert.equal(lines, ['a\u2028b', '', 'c']);
  });

  test('ends where the listener throws', async ({ connection }) => {
    const onLine = () => {
      throw new RangeError('enough');
    };
    await connection.run('echo one; sleep 10', { onLine }).then(
      () => assert.unreachable(),
      error => assert.instance(error, RangeError),
    );
  });

  test('ends by a signal, with its reason', async ({ connection }) => {
    const reason = new RangeError('enough');
    const controller = new AbortController();
    const running = connection.run('echo one; sleep 10', {
      onLine: () => controller.abort(reason),
      signal: controller.signal,
    });
    await running.then(
      () => assert.unreachable(),
      error => assert.is(error, reason),
    );
  });

  run.run();
}

contract(
  'over ssh',
  async context => {
    context.sshd = await Sshd.start();
    return connect(context.sshd.host, { command: context.sshd.command });
  },
  false,
);

contract('on a local host', () => connect(host({ kind: 'local', root: '/srv/web1' })), true);

const local = suite('connect, to a local host');

local('tells the script its root, and that nobody is connected', async () => {
  process.env.SSH_CONNECTION = '192.0.2.1 1 192.0.2.2 22';
  const connection = await connect(host({ kind: 'local', root: '/srv/web 1' }));
  const { stdout } = await connection.run('echo "$TSM_ROOT,$TSM_CONNECTION,$SSH_CONNECTION"');
  delete process.env.SSH_CONNECTION;
  assert.is(stdout, '/srv/web 1,,\n');
});

local.run();
