import { newId } from '@libs/kernel';
import { twoTenantSuite } from '@libs/testing';
import { randomBytes } from 'node:crypto';

import { DepositRepository } from './deposit.repository';
import { OneTimeCodeRepository } from './one-time-code.repository';
import { RegistrationRepository } from './registration.repository';
import { WebAuthNonceRepository } from './web-auth-nonce.repository';

const ADDRESS = 'GBBD47IF6LWK7P7MDEVSCWR7DPUWV3NY3DTQEVFL4NAT4AQH3ZLLFLA5';

twoTenantSuite('registrations', {
  app: 'recipientApi',
  tables: [
    'receivers.deposits',
    'receivers.web_auth_nonces',
    'receivers.unknown_contact_codes',
    'receivers.registration_attempts',
  ],
  given: async (tx) => {
    const [depositId, contactHmac] = [newId(), randomBytes(32)];
    await new DepositRepository().add(tx, {
      id: depositId,
      stellarAddress: ADDRESS,
      stellarMemo: null,
      clientDomain: 'wallet.test',
      assetCode: 'USDC',
      assetIssuer: ADDRESS,
      lang: 'en',
    });
    await new WebAuthNonceRepository().remember(tx, depositId, new Date());
    await new OneTimeCodeRepository().issue(tx, { unknownContact: contactHmac }, contactHmac);
    await new RegistrationRepository().noteUnknown(tx, {
      contactHmac,
      clientDomain: 'wallet.test',
      depositId,
      stellarAddress: ADDRESS,
      stellarMemo: null,
    });
  },
});
