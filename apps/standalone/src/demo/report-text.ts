import { formatAmount } from '@libs/kernel';

import type { DemoResult } from './demo-run';

/** One JSON object on one line, for programs. */
export function reportJson(
  result: DemoResult,
  more: { readonly startSeconds: number; readonly kafka: boolean },
): string {
  const { inFile, inPayments, onLedger, received, stages, ...counts } = result;
  return JSON.stringify({
    people: counts.people,
    invited: counts.invited,
    registered: counts.registered,
    paid: counts.paid,
    confirmedOnLedger: counts.confirmedOnLedger,
    doublePaid: counts.doublePaid,
    sumsEqual: counts.sumsEqual,
    wrongAmount: counts.wrongAmount,
    returning: counts.returning,
    status: counts.status,
    sums: {
      inFile: formatAmount(inFile),
      inPayments: formatAmount(inPayments),
      onLedger: formatAmount(onLedger),
      received: formatAmount(received),
    },
    events: more.kafka ? 'KAFKA' : 'POSTGRES',
    startSeconds: more.startSeconds,
    totalSeconds: totalSeconds(result),
    stages: Object.fromEntries(stages.map(({ stage, seconds }) => [stage, seconds])),
    failures: counts.failures,
    passed: counts.passed,
  });
}

/** For people: what happened, and whether all four sums agree. */
export function reportText(result: DemoResult, assetCode: string): string {
  const sums: [string, bigint][] = [
    ['in the uploaded file', result.inFile],
    ["in the platform's payments", result.inPayments],
    ['sent by the ledger’s list of payments', result.onLedger],
    ['received in people’s own accounts', result.received],
  ];
  const width = Math.max(...sums.map(([label]) => label.length));
  const amounts = sums.map(
    ([label, sum]) => `    ${label.padEnd(width)}  ${formatAmount(sum).padStart(20)} ${assetCode}`,
  );
  const counts = [
    `    ${String(result.people)} people: ${String(result.invited)} invited, ${String(result.registered)} registered, ${String(result.paid)} paid, ${String(result.confirmedOnLedger)} confirmed on the ledger`,
    `    paid twice: ${String(result.doublePaid)}   other amount than in the file: ${String(result.wrongAmount)}`,
  ];
  const returning =
    result.returning > 0
      ? [`    ${String(result.returning)} of them had registered before and needed no invitation`]
      : [];
  const stages = result.stages.map(
    ({ stage, seconds }) => `    ${stage.padEnd(32)} ${String(seconds).padStart(7)} s`,
  );
  const failures = result.failures.map((failure) => `    not done: ${failure}`);
  return [
    '',
    result.passed ? '  Everybody was paid, once, to the stroop.' : '  This did NOT end as it should.',
    '',
    ...amounts,
    '',
    ...counts,
    ...returning,
    ...failures,
    '',
    ...stages,
    `    ${'all together'.padEnd(32)} ${String(totalSeconds(result)).padStart(7)} s`,
    '',
  ].join('\n');
}

const totalSeconds = ({ stages }: DemoResult): number =>
  Math.round(stages.reduce((sum, { seconds }) => sum + seconds, 0) * 100) / 100;
