import { newId } from '@libs/kernel';
import { twoTenantSuite } from '@libs/testing';

import { ApprovalsRepository } from './approvals.repository';
import { DirectPaymentsRepository } from './direct-payments.repository';
import { DisbursementsRepository } from './disbursements.repository';

twoTenantSuite('disbursements and direct payments', {
  app: 'dashboardApi',
  tables: ['disbursements', 'payments', 'payment_texts', 'approvals'].map(
    (table) => `disbursements.${table}`,
  ),
  given: async (tx) => {
    const [id, assetId, walletId, userId] = [newId(), newId(), newId(), newId()];
    const isAdded = await new DisbursementsRepository().add(tx, {
      id,
      name: 'May',
      assetId,
      walletId,
      contactType: 'PHONE_NUMBER',
      verificationField: 'PIN',
      messageTemplate: '',
      createdBy: userId,
    });
    if (!isAdded) throw new Error('the name is taken');
    await new ApprovalsRepository().give(tx, userId, [{ id, version: newId() }], [userId]);
    await new DirectPaymentsRepository().add(tx, {
      receiverId: newId(),
      receiverWalletId: newId(),
      assetId,
      amount: 1n,
      externalPaymentId: 'INV-1',
      createdBy: userId,
      status: 'READY',
    });
  },
});
