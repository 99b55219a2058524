import type { LedgerTransaction } from './ledger-reader.port';
import type { InclusionProof, LookupQuery } from './ledger-submitter.port';

export type Inclusion =
  | { readonly kind: 'applied'; readonly proof: InclusionProof }
  | { readonly kind: 'failed'; readonly proof: InclusionProof }
  | { readonly kind: 'superseded'; readonly proof: InclusionProof };

/**
 * What a ledger transaction in a closed ledger proves about an attempt, or null when it is about something else.
 *
 * The inner hash decides between applied and failed; the same source account and sequence under another inner hash
 * supersede. Nothing else is looked at: not the outer hash, not the amounts, not how the node answered.
 */
export function inclusionOf(
  query: Pick<LookupQuery, 'reference' | 'channel' | 'sequence'>,
  transaction: LedgerTransaction,
): Inclusion | null {
  const proof = proofOf(transaction);
  if (transaction.innerHash === query.reference)
    return { kind: transaction.successful ? 'applied' : 'failed', proof };
  const sameSlot =
    transaction.sourceAccount === query.channel && transaction.sourceSequence === query.sequence;
  return sameSlot ? { kind: 'superseded', proof } : null;
}

function proofOf(transaction: LedgerTransaction): InclusionProof {
  const first = BigInt(transaction.pagingToken) + 1n;
  return {
    ledger: transaction.ledger,
    closedAt: transaction.closedAt,
    envelopeHash: transaction.envelopeHash,
    innerHash: transaction.innerHash,
    sourceAccount: transaction.sourceAccount,
    feeCharged: transaction.feeCharged,
    operationIds: Array.from({ length: transaction.operationCount }, (_, index) =>
      String(first + BigInt(index)),
    ),
  };
}
