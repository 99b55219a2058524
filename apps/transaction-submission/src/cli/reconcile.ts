import { parseArgs } from 'node:util';

import { readSettings } from '@libs/config';
import { StellarReader } from '@libs/ledger-stellar/reader';
import { FindingRepository, isAgreedHistory, ReconciliationRepository } from '@libs/submissions';

import { OutflowComparison } from '../reconciler/outflow-comparison.service';
import { reconcileNow, type Report } from '../reconciler/reconcile-report';
import { CommandError, runOperatorCommand, tellFailure } from './operator-command';

const USAGE = `Compares our books with the ledger up to this moment, and prints where they do not agree.

  npm run reconcile                      from where the reconciler has come to
  npm run reconcile -- --since <time>    again from a moment: 2026-05-01 or 2026-05-01T12:00:00Z
    --json    one JSON object instead of lines

Needs DATABASE_URL as the role of transaction-submission, HORIZON_URL, NETWORK_PASSPHRASE and DISTRIBUTION_PUBLIC_KEY.
Exit code: 0 everything agrees, 2 there are findings, 1 it could not be compared.
What each finding means: docs/runbooks/reconciler-finding.md`;

const FOUND = 2;
const NAMES = ['HORIZON_URL', 'NETWORK_PASSPHRASE', 'DISTRIBUTION_PUBLIC_KEY'] as const;

async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      since: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const since = values.since === undefined ? null : momentOf(values.since);
  const settings = readSettings(NAMES);
  const reader = new StellarReader({
    horizonUrls: settings.HORIZON_URL,
    networkPassphrase: settings.NETWORK_PASSPHRASE,
  });
  try {
    await reader.assertNetwork();
    await runOperatorCommand(async (uow) => {
      // What it has forgotten would look like payments that nobody ordered.
      if (!(await uow.runSystem('is this the database that agreed with the ledger', isAgreedHistory)))
        throw new CommandError(
          'The database was restored or promoted and does not agree with the ledger yet: "npm run submissions -- restored" says what it has forgotten.',
        );
      const books = new ReconciliationRepository();
      const parts = { uow, reader, books, host: settings.DISTRIBUTION_PUBLIC_KEY };
      const comparison = new OutflowComparison({ uow, reader }, books);
      const report = await reconcileNow({ ...parts, findings: new FindingRepository(), comparison }, since);
      process.stdout.write(values.json ? `${JSON.stringify(jsonOf(report))}\n` : textOf(report));
      if (report.open.length > 0) process.exitCode = FOUND;
    });
  } finally {
    reader.close();
  }
}

function momentOf(text: string): Date {
  const moment = new Date(text);
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}/.test(text) || Number.isNaN(moment.getTime()))
    throw new CommandError(`--since ${text} is not a time: write 2026-05-01 or 2026-05-01T12:00:00Z.`);
  return moment;
}

const jsonOf = (report: Report): object => ({
  after_ledger: report.afterLedger,
  up_to_ledger: report.upToLedger,
  accounts: report.accounts,
  outflows: report.outflows,
  payments: report.payments,
  findings: report.open.map(({ kind, subject, tenantId, foundAt, seenAt, details }) => ({
    kind,
    subject,
    tenant_id: tenantId,
    found_at: foundAt,
    seen_at: seenAt,
    details,
  })),
});

function textOf(report: Report): string {
  const { accounts, outflows, payments, upToLedger, open } = report;
  const lines = [
    `Compared up to ledger ${String(upToLedger)}: ${String(accounts)} paying accounts, ${String(outflows)} operations that took money out of them, ${String(payments)} paid payments.`,
    open.length === 0
      ? 'The books and the ledger agree.'
      : `${String(open.length)} findings are open (docs/runbooks/reconciler-finding.md):`,
  ];
  for (const { kind, subject, tenantId, foundAt, details } of open) {
    lines.push(
      `${foundAt.toISOString()}  ${kind}  ${subject}${tenantId === null ? '' : `  tenant ${tenantId}`}`,
    );
    for (const [name, value] of Object.entries(details))
      lines.push(`    ${name}: ${String(value ?? 'none')}`);
  }
  return `${lines.join('\n')}\n`;
}

main(process.argv.slice(2)).catch(tellFailure);
