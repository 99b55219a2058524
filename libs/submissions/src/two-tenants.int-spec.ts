import { newId } from '@libs/kernel';
import type { LookupQuery, Prepared } from '@libs/ledger';
import { twoTenantSuite } from '@libs/testing';

import { AccountRequestRepository } from './account-request.repository';
import { AttemptRepository } from './attempt.repository';
import { DestinationRepository } from './destination.repository';
import { FeeRepository } from './fee.repository';
import { Holds } from './holds';
import { SubmissionRepository } from './submission.repository';

const ACCOUNT = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ';

twoTenantSuite('submissions', {
  app: 'transactionSubmission',
  tables: [
    'submissions.submissions',
    'submissions.attempts',
    'submissions.envelopes',
    'submissions.attempt_submissions',
    'submissions.holds',
    'submissions.account_requests',
    'submissions.fees',
    'submissions.destinations',
  ],
  given: async (tx) => {
    const submissions = new SubmissionRepository();
    const paymentId = newId();
    const arrived = {
      paymentId,
      dispatch: 1,
      receiverWalletId: newId(),
      amount: 1n,
      destination: ACCOUNT,
      memo: null,
      fault: null,
    };
    const asset = { code: 'XLM', issuer: '' };
    await submissions.store(tx, { disbursementId: null, assetId: newId(), asset, dispatches: [arrived] });
    const [claimed] = await submissions.claim(tx, { instanceId: newId(), limit: 1 });
    const hash = newId().replaceAll('-', '').repeat(2);
    const prepared: Prepared = { reference: hash, payload: 'x', envelopeHash: hash, feeBid: 200n };
    const query: LookupQuery = {
      reference: hash,
      channel: ACCOUNT,
      sequence: 1n,
      maxTime: new Date('2026-01-01T00:00:00Z'),
      lastSeen: { sequence: 1, hash },
    };
    await new AttemptRepository().store(tx, [
      {
        id: newId(),
        channelEpoch: 1n,
        distribution: ACCOUNT,
        query,
        prepared,
        feeRate: 100n,
        submissionIds: [claimed?.id ?? ''],
      },
    ]);
    await new FeeRepository().record(tx, [{ attemptId: newId(), paidFor: newId(), payments: 1, fee: 200n }]);
    await new DestinationRepository().learn(tx, [
      { address: ACCOUNT, exists: true, memoRequired: false, lines: {}, isPartial: false },
    ]);
    await new Holds().hold(tx, { type: 'payment', id: paymentId }, 'test');
    await new AccountRequestRepository().add(tx, { id: newId(), action: 'create-account', asset: null });
  },
});
