import type { CountedPayments, FileDifferences } from '@libs/disbursements';
import { HttpProblem } from '@libs/http';
import { formatAmount, isId } from '@libs/kernel';
import { UnitOfWork } from '@libs/persistence';
import { Controller, Get, Param } from '@nestjs/common';

import { type Caller, CurrentCaller } from '../access/caller';
import { averageOf } from './disbursement-json';
import { type DisbursementReview, DisbursementReviewReadModel } from './disbursement-review.read-model';
import { recipientChangesJson } from './seen-recipients';

/** What an approver looks at before letting a disbursement go. */
@Controller('disbursements')
export class DisbursementReviewController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly reviews: DisbursementReviewReadModel,
  ) {}

  @Get(':id/review')
  async show(@CurrentCaller() { context }: Caller, @Param('id') id: string): Promise<object> {
    const review = isId(id) ? await this.unitOfWork.run(context, (tx) => this.reviews.find(tx, id)) : null;
    if (review === null) throw new HttpProblem(404, { error: 'disbursement not found' });
    return reviewJson(review);
  }
}

function reviewJson(review: DisbursementReview): object {
  const { file, largest } = review;
  return {
    disbursement_id: review.id,
    name: review.name,
    status: review.status,
    asset: review.asset,
    file: file === null ? null : { id: file.id, name: file.name, uploaded_at: file.uploaded_at },
    total_payments: review.payments,
    total_amount: formatAmount(review.total),
    average_amount: formatAmount(averageOf(review.total, review.payments)),
    largest_payment: largest === null ? null : { ...largest, amount: formatAmount(largest.amount) },
    new_receivers: review.newReceivers,
    previous_file: previousFileJson(file?.differences ?? null),
    recipient_changes: recipientChangesJson(review.changes),
    approvals: review.approvals,
  };
}

/** Null for the first file. */
function previousFileJson(differences: FileDifferences | null): object | null {
  if (differences === null) return null;
  const { previousFileName: name, previous, added, removed, changed } = differences;
  const amountBefore = formatAmount(BigInt(changed.amountBefore));
  return {
    name,
    ...countedJson(previous),
    added: countedJson(added),
    removed: countedJson(removed),
    changed: { ...countedJson(changed), amount_before: amountBefore },
  };
}

const countedJson = ({ payments, amount }: CountedPayments): object => ({
  payments,
  amount: formatAmount(BigInt(amount)),
});
