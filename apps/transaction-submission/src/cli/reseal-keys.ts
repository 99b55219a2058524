import { parseArgs } from 'node:util';

import { readSettings } from '@libs/config';
import { VaultRepository } from '@libs/submissions';

import { KeyResealingService, type SealingState } from '../keys/key-resealing.service';
import { CommandError, runOperatorCommand, tellFailure, tellProgress, UNFINISHED } from './operator-command';

const USAGE = `Seals the ledger keys in the vault under another KEY_ENCRYPTION_KEY. Nothing changes on the ledger, and payments go on.

  npm run reseal-keys -- [--batch <n>] [--json]     seals what is still under an older key anew
  npm run reseal-keys -- --status [--json]          how many keys are sealed under which key

  --batch <n>   so many in one database transaction, 100 when left out

1. Start transaction-submission (or the signer) with the new key as KEY_ENCRYPTION_KEY and the old one in
   KEY_ENCRYPTION_KEYS_READABLE. From then on new keys are sealed under the new one.
2. Run this command with the same two settings. Killed at any point, it can be repeated.
3. When --status says that none is left under the old key, take the old one out of KEY_ENCRYPTION_KEYS_READABLE.

Needs DATABASE_URL as the role of transaction-submission, KEY_ENCRYPTION_KEY and KEY_ENCRYPTION_KEYS_READABLE.`;

const BATCH_MAX = 1_000;

function textOf({ current, readable, unreadable }: SealingState): string {
  const lines = [`${String(current.count)} keys under KEY_ENCRYPTION_KEY (${current.id})`];
  for (const { id, count } of readable)
    lines.push(
      count === 0
        ? `none under the readable key ${id}: it can be taken out of KEY_ENCRYPTION_KEYS_READABLE`
        : `${String(count)} keys under the readable key ${id}: npm run reseal-keys`,
    );
  for (const { id, count } of unreadable)
    lines.push(
      `${String(count)} keys under a key that is not in the settings (${id}): nobody can sign with them`,
    );
  return `${lines.join('\n')}\n`;
}

async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      batch: { type: 'string', default: '100' },
      status: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const batch = Number(values.batch);
  if (!/^\d{1,4}$/.test(values.batch) || batch < 1 || batch > BATCH_MAX)
    throw new CommandError(`--batch is a whole number from 1 to ${String(BATCH_MAX)}`);
  const settings = readSettings(['KEY_ENCRYPTION_KEY', 'KEY_ENCRYPTION_KEYS_READABLE'] as const);
  await runOperatorCommand(async (uow) => {
    const resealing = new KeyResealingService(uow, new VaultRepository(), {
      encryptionKeys: [settings.KEY_ENCRYPTION_KEY, ...settings.KEY_ENCRYPTION_KEYS_READABLE],
      batch,
    });
    const done = values.status
      ? null
      : await resealing.run((count) => {
          tellProgress(`${String(count)} keys are sealed anew`);
        });
    const state = await resealing.state();
    process.stdout.write(values.json ? `${JSON.stringify({ ...state, ...done })}\n` : textOf(state));
    for (const key of done?.failed ?? []) tellProgress(`the secret of ${key} cannot be opened`);
    const left = [...state.readable, ...state.unreadable].some(({ count }) => count > 0);
    if (left) process.exitCode = UNFINISHED;
  });
}

main(process.argv.slice(2)).catch(tellFailure);
