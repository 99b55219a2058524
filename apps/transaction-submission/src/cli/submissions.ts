import { parseArgs } from 'node:util';

import { operatorName, readSettings } from '@libs/config';
import { formatAmount, isId } from '@libs/kernel';
import { StellarReader } from '@libs/ledger-stellar/reader';
import {
  type ClosedFindings,
  type Contradiction,
  FINDING_KINDS,
  type FindingKind,
  OperatorResolutions,
  type Resolution,
  type StoredFinding,
} from '@libs/submissions';

import { RESTORED_KINDS } from '../restore/restore-comparison.service';
import { CommandError, reasonOf, runOperatorCommand, tellFailure } from './operator-command';

const USAGE = `What only a person can decide about payments. Each decision is kept with your name and reason.

  npm run submissions -- contradictions
      attempts whose sequence number was used by nothing that can be found
  npm run submissions -- resolve <attempt> --as unpaid --reason "…"
      no ledger has paid it: its payments go again
  npm run submissions -- resolve <attempt> --as paid --ledger <number> --reason "…"
      that ledger has paid it, although our nodes do not show it
  npm run submissions -- restored
      what a restored database has forgotten, and which payments it would pay again
  npm run submissions -- continue-after-restore --reason "…"
      all of that is explained: signing goes on, and the payments at stake are held
  npm run submissions -- pay-anyway <payment> --reason "…"
      lets go a payment that is held so and was not paid
  npm run submissions -- close-finding <kind> <subject> --reason "…"
      a finding of the reconciler is explained: it is not told again

    --json    one JSON object instead of lines

Needs DATABASE_URL as the role of transaction-submission; resolve --as paid also HORIZON_URL and NETWORK_PASSPHRASE.
Read docs/runbooks/contradiction.md and docs/runbooks/after-a-restore.md first.`;

interface Command {
  readonly resolutions: OperatorResolutions;
  readonly operands: readonly string[];
  readonly as: string | undefined;
  readonly ledger: string | undefined;
  readonly json: boolean;
  /** Throws where there is none. */
  readonly order: () => { readonly actor: string; readonly reason: string };
}

const COMMANDS: Readonly<Record<string, (command: Command) => Promise<void>>> = {
  contradictions: async ({ resolutions, json }) => {
    const found = await resolutions.listContradictions();
    tell(json ? { contradictions: found.map(contradictionJson) } : contradictionsText(found));
  },
  resolve: async (command) => {
    const { resolutions, json, order } = command;
    const attempt = operandOf(command, 'the id of an attempt');
    const resolution = await resolutionOf(command);
    const outcome = await resolutions.resolve(attempt, resolution, order());
    if (!outcome.ok) throw new CommandError(RESOLVE_PROBLEMS[outcome.error]);
    const { payments } = outcome.value;
    const text = `Recorded: ${resolution.as}. The running app ends the attempt after the next ledger; "npm run submissions -- contradictions" no longer lists it then.`;
    tell(json ? { attempt, as: resolution.as, payments: payments.length } : text);
  },
  restored: async ({ resolutions, json }) => {
    const found = await resolutions.openFindings(RESTORED_KINDS);
    tell(json ? { findings: found.map(findingJson) } : restoredText(found));
  },
  'continue-after-restore': async ({ resolutions, json, order }) => {
    const closed = await resolutions.closeFindings(RESTORED_KINDS, null, order());
    if (closed.closed === 0)
      throw new CommandError('There is nothing to continue: no finding of a restore is open.');
    tell(json ? closedJson(closed) : closedText(closed));
  },
  'pay-anyway': async (command) => {
    const { resolutions, json, order } = command;
    const payment = operandOf(command, 'the id of a payment');
    if (!(await resolutions.payAfterRestore(payment, order())))
      throw new CommandError(`Payment ${payment} is not held after a restore.`);
    tell(json ? { payment, held: false } : `Payment ${payment} goes on.`);
  },
  'close-finding': async ({ resolutions, operands, json, order }) => {
    const [kind = '', subject = ''] = operands;
    if (!isFindingKind(kind) || subject === '')
      throw new CommandError(`Name a finding: <kind> <subject>. Kinds: ${FINDING_KINDS.join(', ')}.`);
    const closed = await resolutions.closeFindings([kind], subject, order());
    if (closed.closed === 0) throw new CommandError(`No finding ${kind} ${subject} is open.`);
    tell(json ? closedJson(closed) : closedText(closed));
  },
};

const RESOLVE_PROBLEMS = {
  unknown:
    'No such attempt is contradicted and open: "npm run submissions -- contradictions" lists those that are.',
  'too early':
    'It is contradicted for less than an hour: all nodes are still asked after each ledger, and evidence may come by itself.',
} as const;

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      reason: { type: 'string' },
      as: { type: 'string' },
      ledger: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [name = '', ...operands] = positionals;
  if (values.help) {
    tell(USAGE);
    return;
  }
  const run = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (run === undefined) throw new CommandError(USAGE);
  await runOperatorCommand(async (uow) => {
    await run({
      ...{ resolutions: new OperatorResolutions(uow), operands, json: values.json },
      ...{ as: values.as, ledger: values.ledger },
      order: () => ({ actor: operatorName(), reason: reasonOf(values.reason) }),
    });
  });
}

function operandOf({ operands }: Command, what: string): string {
  const [one = ''] = operands;
  if (!isId(one) || operands.length > 1) throw new CommandError(`Name ${what}.`);
  return one;
}

async function resolutionOf({ as, ledger }: Command): Promise<Resolution> {
  if (as === 'unpaid' && ledger === undefined) return { as };
  if (as !== 'paid')
    throw new CommandError('Say what became of it: --as unpaid, or --as paid --ledger <number>.');
  if (ledger === undefined || !/^[1-9][0-9]{0,9}$/.test(ledger))
    throw new CommandError('Say in which ledger it was paid: --ledger <number>.');
  const settings = readSettings(['HORIZON_URL', 'NETWORK_PASSPHRASE'] as const);
  const reader = new StellarReader({
    horizonUrls: settings.HORIZON_URL,
    networkPassphrase: settings.NETWORK_PASSPHRASE,
  });
  try {
    await reader.assertNetwork();
    const header = await reader.ledger(Number(ledger));
    if (header === null) throw new CommandError(`No node of HORIZON_URL has ledger ${ledger}.`);
    return { as, ledger: header.sequence, closedAt: header.closedAt };
  } finally {
    reader.close();
  }
}

const isFindingKind = (text: string): text is FindingKind => FINDING_KINDS.some((kind) => kind === text);

const tell = (said: string | object): void => {
  process.stdout.write(`${typeof said === 'string' ? said : JSON.stringify(said)}\n`);
};

const contradictionJson = (one: Contradiction): object => ({
  tenant_id: one.tenantId,
  attempt: one.attemptId,
  transaction: one.reference,
  channel_account: one.channelAccount,
  sequence: String(one.sequence),
  distribution_account: one.distributionAccount,
  max_time: one.maxTime,
  since: one.since,
  may_be_resolved: one.mayBeResolved,
  payments: one.payments.map(({ paymentId, dispatch, destination, asset, amount }) => ({
    ...{ payment_id: paymentId, dispatch, destination, asset },
    amount: formatAmount(amount),
  })),
});

function contradictionsText(found: readonly Contradiction[]): string {
  if (found.length === 0) return 'No attempt contradicts the ledger.';
  return found
    .flatMap((one) => [
      `${one.attemptId}  since ${one.since.toISOString()}${one.mayBeResolved ? '' : '  (asked again after each ledger; a person may end it after an hour)'}`,
      `    ledger transaction ${one.reference} of ${one.distributionAccount}`,
      `    channel account ${one.channelAccount} sequence ${String(one.sequence)}, not after ${one.maxTime.toISOString()}`,
      ...one.payments.map(
        ({ paymentId, amount, asset, destination }) =>
          `    payment ${paymentId}  ${formatAmount(amount)} ${asset} to ${destination}`,
      ),
    ])
    .join('\n');
}

const findingJson = ({ kind, subject, tenantId, foundAt, details }: StoredFinding): object => ({
  ...{ kind, subject, tenant_id: tenantId, found_at: foundAt, details },
});

function restoredText(found: readonly StoredFinding[]): string {
  if (found.length === 0) return 'Nothing that was forgotten in a restore is open.';
  const lines = found.flatMap(({ kind, subject, details }) => [
    `${kind}  ${subject}`,
    ...Object.entries(details).map(([name, value]) => `    ${name}: ${String(value ?? 'none')}`),
  ]);
  return `Nothing is signed while these are open (docs/runbooks/after-a-restore.md):\n${lines.join('\n')}`;
}

const closedJson = ({ closed, held }: ClosedFindings): object => ({
  closed,
  held: held.map(({ tenantId, paymentId }) => ({ tenant_id: tenantId, payment_id: paymentId })),
});

function closedText({ closed, held }: ClosedFindings): string {
  const lines = [`${String(closed)} findings are closed.`];
  if (held.length > 0)
    lines.push(
      'Held, since they may have been paid before the restore ("npm run submissions -- pay-anyway <payment>" lets one go):',
      ...held.map(({ tenantId, paymentId }) => `  tenant ${tenantId}  payment ${paymentId}`),
    );
  return lines.join('\n');
}

main(process.argv.slice(2)).catch(tellFailure);
