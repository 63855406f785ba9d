/** Runs on a test host: everything that has to agree there after a fault, as one JSON document. */

const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const { existsSync, readdirSync, readFileSync, readlinkSync, statSync } = require('node:fs');

const [name] = process.argv.slice(2);
const root = `/var/lib/tsm/${name}`;
const system = '/etc/systemd/system';

const namesIn = folder => (existsSync(folder) ? readdirSync(folder).sort() : []);
const textOf = path => (existsSync(path) ? readFileSync(path, 'utf8') : null);
const textsIn = (folder, names) => Object.fromEntries(names.map(file => [file, textOf(`${folder}/${file}`)]));
const output = (...words) => spawnSync(words[0], words.slice(1), { encoding: 'utf8' }).stdout;
const listed = (...patterns) =>
  output('systemctl', 'list-units', '--all', '--plain', '--no-legend', ...patterns)
    .split('\n')
    .filter(Boolean)
    .map(line => line.trim().split(/\s+/));

function bundle(target) {
  const folder = `/var/lib/tsm/store/${target}`;
  const files = filesIn(folder);
  const digest = file =>
    createHash('sha256')
      .update(readFileSync(`${folder}/${file}`))
      .digest('hex');
  return {
    digests: Object.fromEntries(files.map(file => [file, digest(file)])),
    units: textsIn(`${folder}/systemd`, namesIn(`${folder}/systemd`)),
  };
}

function filesIn(folder, below = '') {
  return namesIn(`${folder}/${below}`).flatMap(file => {
    const path = below === '' ? file : `${below}/${file}`;
    return statSync(`${folder}/${path}`).isDirectory() ? filesIn(folder, path) : [path];
  });
}

const isOurs = file => file.startsWith(`${name}-`) || file.startsWith(`${name}.`);
const links = namesIn(system)
  .filter(folder => folder.endsWith('.wants'))
  .flatMap(folder =>
    namesIn(`${system}/${folder}`)
      .filter(isOurs)
      .map(file => `${folder}/${file} -> ${readlinkSync(`${system}/${folder}/${file}`)}`),
  );

/** What its process was started with tells which definition it runs by. */
function markOf(unit) {
  const pid = output('systemctl', 'show', '--property=MainPID', '--value', unit).trim();
  const variables = textOf(`/proc/${pid}/environ`) ?? '';
  return variables.split('\0').find(variable => variable.startsWith('MARK=')) ?? '';
}

const current = existsSync(`${root}/current`) ? readlinkSync(`${root}/current`).replace('../store/', '') : null;

console.log(
  JSON.stringify({
    current,
    bundle: current && bundle(current),
    units: textsIn(
      system,
      namesIn(system).filter(file => isOurs(file) && !file.endsWith('.wants')),
    ),
    links: links.sort(),
    firewall: textOf('/etc/tetra/firewall.nft'),
    table: output('nft', '-s', 'list', 'table', 'inet', 'tetra'),
    records: Object.values(
      textsIn(
        `${root}/history`,
        namesIn(`${root}/history`).filter(file => !file.startsWith('.')),
      ),
    ),
    leftovers: [
      ...namesIn(root).filter(file => /pending|stage/.test(file)),
      ...namesIn('/etc/tetra').filter(file => file.startsWith('.stage')),
    ],
    helpers: listed('tsm-activate*', 'tsm-revert*').map(([unit, , active]) => `${unit} ${active}`),
    services: Object.fromEntries(
      listed(`${name}-*.service`)
        .filter(([, load, active]) => load !== 'not-found' || active === 'active')
        .map(([unit, , active]) => [unit, { active, mark: markOf(unit) }]),
    ),
  }),
);
