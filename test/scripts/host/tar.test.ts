import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TetraError } from '../../../lib/errors.js';
import { type Limits, readTar } from '../../../scripts/host/tar.js';
import { Chunks, rawEntry, rawPax, rawTar, tarEnd } from '../../support/tar.js';

const limits: Limits = { files: 10, fileBytes: 2000, bytes: 20_000 };

/** The paths that it holds, or the problem for which it is refused. */
async function read(archive: Buffer | Chunks): Promise<string[] | string> {
  const paths: string[] = [];
  try {
    for await (const { path } of readTar(Buffer.isBuffer(archive) ? new Chunks(archive) : archive, limits))
      paths.push(path);
    return paths;
  } catch (error) {
    if (error instanceof TetraError && error.code === 'invalid-input') return String(error.facts.problem);
    throw error;
  }
}

const tar = suite('readTar');

for (const [what, archive, expected] of [
  ['nothing but an end', rawTar(), []],
  ['a file', rawTar({ path: 'store/a', content: 'text' }), ['store/a']],
  ['a path in two fields', rawTar({ prefix: 'store/x', path: 'a' }), ['store/x/a']],
  ['a path that fills its field', rawTar({ path: 'a'.repeat(100) }), ['a'.repeat(100)]],
  ['a path in a pax header', rawTar(rawPax({ path: 'long/b' }), { path: 'a' }), ['long/b']],
  ['zeros that fill a record', Buffer.concat([rawTar({}), Buffer.alloc(8192)]), ['a']],
] as const)
  tar(`reads ${what}`, async () => {
    assert.equal(await read(archive), expected);
  });

for (const [what, archive, problem] of [
  ['a hard link', rawTar({ type: '1', link: '/etc/passwd' }), 'holds a hard link: "a"'],
  ['a symbolic link', rawTar({ type: '2', link: '/etc' }), 'holds a symbolic link: "a"'],
  ['a character device', rawTar({ type: '3' }), 'holds a device: "a"'],
  ['a block device', rawTar({ type: '4' }), 'holds a device: "a"'],
  ['a folder of its own', rawTar({ type: '5', path: 'a/' }), 'holds a folder of its own: "a/"'],
  ['a fifo', rawTar({ type: '6' }), 'holds a fifo: "a"'],
  ['a sparse file of GNU', rawTar({ type: 'S' }), 'holds an entry of type "S": "a"'],
  ['a long name of GNU', rawTar({ type: 'L', content: 'b\0' }, {}), 'holds an entry of type "L": "a"'],
  ['a pax header for all', rawTar(rawPax({ path: 'b' }, 'g'), {}), /an entry of type "g"/],
  ['a file that names a link', rawTar({ link: '/etc/passwd' }), 'holds "a", a file with the target of a link'],
  ['a setuid file', rawTar({ mode: 0o4755 }), 'holds "a", a file with a special mode'],
  ['a setgid file', rawTar({ mode: 0o2755 }), 'holds "a", a file with a special mode'],
  ['a sticky file', rawTar({ mode: 0o1755 }), 'holds "a", a file with a special mode'],
  ['the old form', rawTar({ magic: '' }), 'is no tar archive of ours'],
  ['the form of GNU', rawTar({ magic: 'ustar  \0' }), 'is no tar archive of ours'],
  ['another checksum', rawTar({ checksum: '000000\0 ' }), 'is no tar archive of ours'],
  [
    'a compressed archive',
    Buffer.concat([Buffer.from('1f8b08', 'hex'), Buffer.alloc(600)]),
    'is no tar archive of ours',
  ],
  ['a negative size', rawTar({ size: '-0000000001\0' }), 'is no tar archive of ours'],
  ['a size in base 256', rawTar({ size: '\x80\0\0\0\0\0\0\0\0\0\0\x01' }), 'is no tar archive of ours'],
  ['a name with something behind its end', rawTar({ path: 'a\0b' }), 'is no tar archive of ours'],
  ['a name that is no UTF-8', rawTar({ path: Buffer.from([0x61, 0xff]) }), 'holds a name that is no UTF-8'],
  ['two pax headers', rawTar(rawPax({ path: 'b' }), rawPax({ path: 'c' }), {}), /an entry of type "x"/],
  ['a pax header for nothing', rawTar(rawPax({ path: 'b' })), 'ends with a pax header'],
  ['a pax header with a size', rawTar(rawPax({ size: '9' }), {}), 'has a pax header that says more than a path'],
  [
    'a pax header with more',
    rawTar(rawPax({ path: 'b', linkpath: '/etc' }), {}),
    'has a pax header that says more than a path',
  ],
  [
    'a pax header with two paths',
    rawTar(rawPax({ path: 'b' + '\n9 path=c' }), {}),
    'has a pax header that says more than a path',
  ],
  [
    'a pax header that counts wrong',
    rawTar(rawEntry({ type: 'x', content: '99 path=b\n' }), {}),
    'has a pax header that says more than a path',
  ],
  [
    'a pax header that is too long',
    rawTar(rawPax({ path: 'b'.repeat(4000) }), {}),
    'has a pax header that is too long',
  ],
  ['no end', rawEntry({}), 'is cut off'],
  ['half an end', Buffer.concat([rawEntry({}), Buffer.alloc(512)]), 'is cut off'],
  ['nothing at all', Buffer.alloc(0), 'is cut off'],
  ['a hole', rawTar(Buffer.alloc(512), {}), 'has a block of zeros in the middle'],
  ['a second archive', Buffer.concat([rawTar({}), rawTar({ path: 'b' })]), 'goes on after its end'],
  [
    'something between two files',
    rawTar(Buffer.concat([rawEntry({ content: 'text' }).subarray(0, -1), Buffer.from('x')])),
    'has something between two files',
  ],
] as const)
  tar(`refuses ${what}`, async () => {
    const result = await read(archive);
    if (typeof problem === 'string') assert.is(result, problem);
    else assert.match(String(result), problem);
  });

for (const path of [
  '/etc/passwd',
  '..',
  '../a',
  'a/../../b',
  'a/..',
  './a',
  'a/./b',
  'a//b',
  'a/',
  '/',
  'a\\b',
  'a\nb',
  'a\x1b[2J',
  'a\u202eb',
  '',
])
  for (const [where, archive] of [
    ['a header', rawTar({ path })],
    ['a pax header', rawTar(rawPax({ path }), {})],
  ] as const)
    tar(`refuses the path ${JSON.stringify(path)} in ${where}`, async () => {
      assert.match(String(await read(archive)), /which (is no plain|holds a)|says more than a path/);
    });

tar('refuses a name that no file system takes', async () => {
  assert.match(String(await read(rawTar(rawPax({ path: 'a'.repeat(256) }), {}))), 'longer than 255 bytes');
});

tar('refuses each archive that is cut off at a block, and has told nothing but whole files until then', async () => {
  const whole = rawTar({ path: 'a', content: 'a'.repeat(700) }, rawPax({ path: 'b' }), { path: 'x', content: 'b' });
  for (let length = 0; length < whole.length; length += 512)
    assert.is(await read(whole.subarray(0, length)), 'is cut off', `${length} bytes`);
  assert.equal(await read(whole), ['a', 'b']);
});

const many = Array.from({ length: 11 }, (_, i) => ({ path: `a${i}` }));
const bomb = Buffer.alloc(50_000);

for (const [what, archive, problem] of [
  ['too many files', rawTar(...many), 'holds more than 10 files'],
  ['a file that is too large', rawTar({ content: bomb }), 'holds "a", which is larger than 2000 bytes'],
  ['a size beyond all bounds', rawTar({ size: '77777777777\0' }, bomb), 'holds "a", which is larger than 2000 bytes'],
  ['too much in all', rawTar(...many.slice(1).map(one => ({ ...one, content: bomb.subarray(0, 2000) }))), /^is larger/],
  ['zeros without end', Buffer.concat([tarEnd, bomb]), 'is larger than 20000 bytes'],
] as const)
  tar(`stops reading at ${what}`, async () => {
    const chunks = new Chunks(Buffer.concat([archive, bomb, bomb]), 512);
    const result = await read(chunks);
    if (typeof problem === 'string') assert.is(result, problem);
    else assert.match(String(result), problem);
    assert.ok(chunks.taken <= limits.bytes + 512, `${chunks.taken} bytes were read`);
  });

tar('passes on what goes wrong with the stream', async () => {
  const stream = (async function* () {
    yield rawEntry({});
    throw new RangeError('no more');
  })();
  await read(stream as unknown as Chunks).then(
    () => assert.unreachable(),
    error => assert.instance(error, RangeError),
  );
});

tar.run();
