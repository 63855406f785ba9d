import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { removeBundle } from '../../store/bundles.js';
import { verify } from '../../store/verify.js';
import { edit, Sandbox, withSetting } from '../support/sandbox.js';

interface Context {
  box: Sandbox;
  /** The older of two generations' bundles. */
  bundle: string;
}

const test = suite<Context>('verify');

test.before.each(context => {
  const box = new Sandbox();
  const source = box.org('acme');
  context.box = box;
  context.bundle = box.json('org', 'promote', '@dev').path;
  edit(source, text => withSetting(text, 1));
  box.json('org', 'promote', '@dev');
});
test.after.each(({ box }) => box.remove());

/** Writes into a bundle as root could. */
function tamper(path: string, change: (text: string) => string) {
  chmodSync(path, 0o644);
  edit(path, change);
  chmodSync(path, 0o444);
}

const damages: [string, (context: Context) => void, RegExp][] = [
  [
    'a flipped bit in a file',
    ({ bundle }) => tamper(join(bundle, 'env.toml'), t => t.replace('1024', '1025')),
    /other content/,
  ],
  ['a file that grew', ({ bundle }) => tamper(join(bundle, 'secrets.toml'), t => `${t}\n`), /bytes instead of/],
  [
    'a manifest that was changed',
    ({ bundle }) => tamper(join(bundle, 'bundle.json'), t => t.replace('0444', '0644')),
    /name of the bundle/,
  ],
  [
    'a file that is gone',
    ({ bundle }) => {
      chmodSync(bundle, 0o755);
      rmSync(join(bundle, 'secrets.toml'));
      chmodSync(bundle, 0o555);
    },
    /secrets\.toml is missing/,
  ],
  [
    'a file too many',
    ({ bundle }) => {
      chmodSync(bundle, 0o755);
      writeFileSync(join(bundle, 'extra'), '');
      chmodSync(bundle, 0o555);
    },
    /does not belong here/,
  ],
  ['another mode', ({ bundle }) => chmodSync(join(bundle, 'env.toml'), 0o666), /mode 0666 instead of 0444/],
  ['a folder that can be written', ({ bundle }) => chmodSync(bundle, 0o755), /mode 0755 instead of 0555/],
  ['a bundle that is gone', ({ bundle }) => removeBundle(bundle), /not in the store/],
  [
    'a derivation that was changed',
    ({ box }) => {
      const name = readdirSync(box.layout.store).find(entry => entry.endsWith('.drv')) as string;
      edit(box.layout.object(name), t => t.replace('acme', 'evil'));
    },
    /not what its name says/,
  ],
  [
    'a log that was rewritten',
    ({ box }) => {
      const history = box.layout.org('acme').history('dev');
      const first = join(history, '00000001');
      chmodSync(first, 0o644);
      writeFileSync(first, readFileSync(join(history, '00000002')));
    },
    /not what was written/,
  ],
  ['a record that is gone', ({ box }) => rmSync(join(box.layout.org('acme').history('dev'), '00000001')), /is missing/],
  [
    'a pointer that was replaced',
    ({ box }) => {
      const pointer = box.layout.org('acme').pointer('dev');
      rmSync(pointer);
      symlinkSync('/etc/passwd', pointer);
    },
    /by hand/,
  ],
  [
    'a log that was copied from another environment',
    ({ box }) => {
      box.json('org', 'promote', '@prod');
      const org = box.layout.org('acme');
      rmSync(org.history('prod'), { recursive: true });
      cpSync(org.history('dev'), org.history('prod'), { recursive: true });
    },
    /belongs to another environment/,
  ],
  [
    'a log that was copied from another organization',
    ({ box }) => {
      box.org('my-acme');
      box.json('org', 'promote', '@dev', '--org', 'my-acme');
      const history = box.layout.org('acme').history('dev');
      rmSync(history, { recursive: true });
      cpSync(box.layout.org('my-acme').history('dev'), history, { recursive: true });
    },
    /belongs to another environment/,
  ],
  [
    'a bundle under the name of another environment',
    ({ bundle }) => cpSync(bundle, `${bundle.replace(/-dev$/, '-prod')}`, { recursive: true }),
    /is of acme dev/,
  ],
  [
    'a newest record that is gone',
    ({ box }) => rmSync(join(box.layout.org('acme').history('dev'), '00000002')),
    /is missing/,
  ],
  [
    'a history that is gone',
    ({ box }) => rmSync(box.layout.org('acme').history('dev'), { recursive: true }),
    /its history is gone/,
  ],
  [
    'a subfolder that can be written',
    ({ bundle }) => chmodSync(join(bundle, 'systemd'), 0o777),
    /mode 0777 instead of 0555/,
  ],
  [
    'a folder too many',
    ({ bundle }) => {
      chmodSync(bundle, 0o755);
      mkdirSync(join(bundle, 'extra'));
      chmodSync(bundle, 0o555);
    },
    /extra does not belong here/,
  ],
  [
    'a derivation that others can read',
    ({ box }) =>
      chmodSync(
        box.layout.object(readdirSync(box.layout.store).find(entry => entry.endsWith('.drv')) as string),
        0o644,
      ),
    /mode 0644 instead of 0600/,
  ],
  [
    'a pointer into another store',
    ({ box, bundle }) => {
      const pointer = box.layout.org('acme').pointer('dev');
      rmSync(pointer);
      symlinkSync(`/tmp/store/${basename(bundle)}/env.toml`, pointer);
    },
    /is stale/,
  ],
];

test('finds nothing wrong with what was just written', async ({ box }) => {
  const { problems, leftovers, checked } = await verify(box.layout);
  assert.equal([problems, leftovers], [[], []]);
  assert.is(checked, 4 + 2 + 1);
});

for (const [what, damage, expected] of damages) {
  test(`finds ${what}, and the command exits 2`, async context => {
    damage(context);
    const { problems } = await verify(context.box.layout);
    assert.match(problems.map(({ path, problem }) => `${path} ${problem}`).join('\n'), expected);
    assert.is(context.box.run('store', 'verify').code, 2);
  });
}

test('counts what a killed writer left, and finds no fault with it', async ({ box }) => {
  writeFileSync(box.layout.object('.tmp-1-abc'), 'half');
  const { problems, leftovers } = await verify(box.layout);
  assert.equal([problems.length, leftovers.length], [0, 1]);
});

test.run();
