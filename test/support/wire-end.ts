/**
 * One end of a wire (`wire.ts`), run in a network namespace of its own: does what each line of its standard input asks for
 * and answers it with a line. Both are JSON.
 */

import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Packet } from '../../lib/host/guard.js';

/** A packet and the address it goes to. */
export type Shot = Packet & { readonly target: string };

export type Request =
  /** Runs a command; answers `{status, stdout, stderr}`. */
  | { readonly verb: 'run'; readonly command: readonly string[]; readonly input: string }
  /** Begins connections, and gives them up at the next request. */
  | { readonly verb: 'send'; readonly shots: readonly Shot[] }
  /** Listens on that port of all addresses; where it `talks`, without an end and to everybody. */
  | { readonly verb: 'listen'; readonly port: number; readonly talks: boolean }
  /** Connects and stays so; answers `open`, the error's code, or `silence` after so many ms. */
  | { readonly verb: 'dial'; readonly shot: Shot; readonly ms: number }
  /** Sends a byte on all connections that stay. */
  | { readonly verb: 'say' }
  /** Answers how many bytes came in so far. */
  | { readonly verb: 'heard' };

const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
let underWay: { close(): void }[] = [];
const staying: Socket[] = [];
let heard = 0;

async function answer(request: Request): Promise<unknown> {
  for (const one of underWay) one.close();
  underWay = [];
  switch (request.verb) {
    case 'run': {
      const [program = '', ...args] = request.command;
      const { status, stdout, stderr } = spawnSync(program, args, { input: request.input, encoding: 'utf8', env });
      return { status, stdout, stderr };
    }
    case 'send':
      underWay = await Promise.all(request.shots.map(begin));
      return null;
    case 'listen':
      return listen(request.port, request.talks);
    case 'dial':
      return dial(request.shot, request.ms);
    case 'say':
      for (const socket of staying) socket.write('.');
      return null;
    case 'heard':
      return heard;
  }
}

async function begin({ protocol, source, target, port }: Shot): Promise<{ close(): void }> {
  if (protocol === 'tcp') {
    const socket = connect({ host: target, port, localAddress: source });
    // Nobody listens: what counts is what arrives.
    socket.on('error', () => {});
    return { close: () => socket.destroy() };
  }
  const socket = createSocket(target.includes(':') ? 'udp6' : 'udp4');
  await new Promise<void>(done => socket.bind(0, source, () => socket.send('', port, target, () => done())));
  return socket;
}

function listen(port: number, talks: boolean): Promise<null> {
  const server = createServer(socket => {
    const talk = talks ? setInterval(() => socket.write('.'), 5) : undefined;
    socket.on('data', count).on('error', () => {});
    socket.on('close', () => clearInterval(talk));
  });
  return new Promise(done => server.listen(port, '::', () => done(null)));
}

function dial({ source, target, port }: Shot, ms: number): Promise<string> {
  return new Promise(done => {
    const socket = connect({ host: target, port, localAddress: source }, () => end('open'));
    const silence = setTimeout(() => end('silence'), ms);
    const end = (word: string) => {
      clearTimeout(silence);
      if (word === 'open') staying.push(socket);
      else socket.destroy();
      done(word);
    };
    socket.on('data', count).on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}

function count(data: Buffer) {
  heard += data.length;
}

let last = Promise.resolve();
createInterface({ input: process.stdin })
  .on('line', line => {
    last = last.then(async () => {
      process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as Request))}\n`);
    });
  })
  .on('close', () => process.exit());
process.stdout.write('"ready"\n');
