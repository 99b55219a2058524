import { parseArgs } from 'node:util';

import { readSettings, SettingsError } from '@libs/config';
import { DryRunOutboxRepository } from '@libs/messages';
import { Database, UnitOfWork } from '@libs/persistence';

import { messengersOf } from '../sending/messengers';
import { mistakesOf, sendTrial, type TrialMessage } from './trial-message';

const USAGE = `npm run message -- send --tenant-id <id> (--phone-number <number> | --email <address>) --message <text>

Sends one message by the provider that the settings name (SMS_SENDER_TYPE, EMAIL_SENDER_TYPE), to see that it works.
Prints what the provider said; the exit code is 0 when it took the message over.

  --tenant-id <id>         the organisation in whose name it goes
  --phone-number <number>  by SMS, as +254710000001
  --email <address>        by mail
  --title <text>           the subject of a mail
  --message <text>         the text
`;
const OPTIONS = {
  'tenant-id': { type: 'string', default: '' },
  'phone-number': { type: 'string', default: '' },
  email: { type: 'string', default: '' },
  title: { type: 'string', default: '' },
  message: { type: 'string', default: '' },
  help: { type: 'boolean', default: false },
} as const;
const NAMES = ['DATABASE_URL', 'MESSAGE_ENCRYPTION_KEY', 'SMS_SENDER_TYPE', 'EMAIL_SENDER_TYPE'] as const;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  if (values.help || positionals.join(' ') !== 'send') {
    process.stdout.write(USAGE);
    if (!values.help) process.exitCode = 1;
    return;
  }
  const wanted = { ...values, tenantId: values['tenant-id'], phoneNumber: values['phone-number'] };
  const mistakes = mistakesOf(wanted);
  if (mistakes.length > 0) {
    process.stderr.write(`${mistakes.join('\n')}\n\n${USAGE}`);
    process.exitCode = 1;
    return;
  }
  await send(wanted);
}

async function send(wanted: TrialMessage): Promise<void> {
  const settings = readSettings(NAMES);
  const database = new Database({
    url: settings.DATABASE_URL,
    applicationName: 'messaging cli',
    connectionsMax: 1,
  });
  try {
    await database.assertReady();
    const outbox = new DryRunOutboxRepository(settings.MESSAGE_ENCRYPTION_KEY);
    const outcome = await sendTrial(wanted, messengersOf(settings, new UnitOfWork(database), outbox));
    process.stdout.write(`${JSON.stringify(outcome)}\n`);
    if (outcome.kind !== 'accepted') process.exitCode = 1;
  } finally {
    await database.close();
  }
}

main().catch((error: unknown) => {
  const isUsage =
    error instanceof SettingsError ||
    (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));
  const text = error instanceof Error ? (isUsage ? error.message : (error.stack ?? error.message)) : error;
  process.stderr.write(`${String(text)}\n`);
  process.exitCode = 1;
});
