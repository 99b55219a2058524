import { type Setting, SETTINGS } from '@libs/config';

/** The table of every variable that any process reads. */
export function environmentDocument(): string {
  const rows = Object.entries(SETTINGS).map(([name, setting]) => rowOf(name, setting));
  return [
    '# Environment',
    '',
    '<!-- Made from libs/config by `npm run gen`. -->',
    '',
    'A process stops at its start with one message that names every variable it cannot use. An empty variable',
    'counts as absent. *Secret*: the value never appears in a message or a log.',
    '',
    '| variable | what it does | when absent | example | secret |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function rowOf(name: string, { schema, about, example, secret = false }: Setting): string {
  const absent = schema.safeParse(undefined);
  const fallback = absent.success ? fallbackText(absent.data) : '**required**';
  const cells = [
    `\`${name}\``,
    about,
    fallback,
    example === undefined ? '' : `\`${example}\``,
    secret ? 'yes' : '',
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function fallbackText(value: unknown): string {
  if (value === undefined || value === null || value === '') return '–';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
