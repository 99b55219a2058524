import { TIMES_THE_MEDIAN, type Trial } from '@libs/disbursements';
import { formatAmount } from '@libs/kernel';

import { unusualFormatJson } from './upload-json';

const amountOf = (stroops: bigint | null): string | null => (stroops === null ? null : formatAmount(stroops));

/** What an upload of a file would do, as the API shows it. */
export function trialJson({ refusal, progress, figures }: Trial, paidWithinDays: number): object {
  return {
    dry_run: true,
    would_be_published: refusal === null,
    refusal,
    ...unusualFormatJson(progress.format),
    rows_read: progress.rowsRead,
    rows_wrong: progress.rowsWrong,
    totals:
      figures === null
        ? null
        : {
            payments: figures.payments,
            total_amount: formatAmount(figures.total),
            average_amount: formatAmount(
              figures.payments === 0 ? 0n : figures.total / BigInt(figures.payments),
            ),
            smallest_amount: amountOf(figures.smallest),
            largest_amount: amountOf(figures.largest),
            median_amount: amountOf(figures.median),
            new_receivers: figures.newReceivers,
            known_receivers: figures.knownReceivers,
            duplicates_in_file: figures.duplicates,
            in_open_disbursements: figures.awaited,
            recently_paid: { days: paidWithinDays, receivers: figures.recentlyPaid },
            far_from_median: {
              times: TIMES_THE_MEDIAN,
              payments: figures.unusual.payments,
              first: figures.unusual.first.map(({ line, externalId, amount }) => ({
                line,
                external_id: externalId,
                amount: formatAmount(amount),
              })),
            },
          },
  };
}
