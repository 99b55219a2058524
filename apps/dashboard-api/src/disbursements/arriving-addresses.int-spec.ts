import type { TenantTx } from '@libs/persistence';
import { PayeesRepository } from '@libs/receivers';

import { accountOf, addressFile, AddressWorld, otherOf } from '../testing/address-world';
import { UPLOADED } from '../testing/upload-world';

/** They are registered by five hundred. */
const MANY = 1_200;
const AT_ONCE = 500;
const MISMATCH = 'receiver wallet address mismatch for receiver with ID';
const NOTHING = { arriving: 0, unsettled: 0 };

jest.setTimeout(120_000);

describe('addresses that a file brings', () => {
  let own: AddressWorld;
  let from = 600_000;

  beforeAll(async () => {
    own = await AddressWorld.open();
  });
  beforeEach(() => (from += 10_000));
  afterAll(() => own.close());

  it('are registered by the clock, as who uploaded, when the process that published them dies', async () => {
    await own.whileNobodyFolds(async () => {
      const reply = await own.uploadBeforeFlip(addressFile(from, MANY, { memo: '123' }), async () => {
        expect([(await own.left()).arriving, await own.registered(from, MANY)]).toEqual([MANY, 0]);
      });
      expect(reply.body).toEqual(UPLOADED);
      expect(await own.left()).toEqual({ arriving: MANY, unsettled: 1 });
      expect(await own.registered(from, MANY)).toBe(0);
    });
    const walletIds = (await own.people(from, MANY)).map(({ walletId }) => walletId).sort();
    await own.whileNobodyFolds(async () => {
      await own.sweep();
      expect((await own.left()).arriving).toBe(MANY - 2 * AT_ONCE);
      expect(await own.registered(from, MANY)).toBe(2 * AT_ONCE);
    }, walletIds.slice(-1));
    await own.sweepAll();
    expect([await own.left(), await own.registered(from, MANY)]).toEqual([NOTHING, MANY]);
    const found = await own.rows(
      `SELECT DISTINCT stellar_memo AS memo, stellar_memo_type AS type, status_history -> -1 ->> 'status' AS moved_to,
              status_history -> -1 ->> 'actor' LIKE '%' || $2 AS by_uploader
         FROM receivers.receiver_wallets WHERE id = ANY($1)`,
      [walletIds, own.world.userId],
    );
    expect(found).toEqual([{ memo: '123', type: 'id', moved_to: 'REGISTERED', by_uploader: true }]);
  });

  it('are there when the answer comes', async () => {
    expect((await own.upload(addressFile(from, 3))).body).toEqual(UPLOADED);
    expect([await own.left(), await own.registered(from, 3)]).toEqual([NOTHING, 3]);
  });

  it('are nobody’s when the file dies before its publication', async () => {
    const known = await own.givenElsewhere(from);
    const reply = await own.uploadBeforeFlip(addressFile(from, 3), async () => {
      expect((await own.call('GET', `/receivers/${known.id}`)).status).toBe(200);
      expect([(await own.left()).arriving, await own.registered(from, 3)]).toEqual([3, 0]);
      // They leave the address to this file alone.
      expect(await own.unregister(known)).toBe(200);
      expect(await own.ownersOf(accountOf(from))).toEqual([known.id]);
      await own.superuser.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND application_name = 'dashboard-api test' AND wait_event_type = 'Lock'`,
      );
    });
    expect(reply.status).toBeGreaterThanOrEqual(500);
    await own.sweepAll();
    expect([await own.left(), await own.registered(from, 3)]).toEqual([NOTHING, 0]);
    expect([...(await own.ownersOf(accountOf(from))), ...(await own.ownersOf(accountOf(from + 1)))]).toEqual(
      [],
    );
  });

  it.each([
    ['another address', { address: otherOf }, MISMATCH],
    ['another memo', { memo: '77' }, 'receiver wallet memo mismatch'],
  ])('are not replaced by %s of a later file before they are registered', async (_, later, why) => {
    await own.publishedAlone(addressFile(from, 2, { memo: '5' }));
    const refused = await own.upload(addressFile(from, 2, later));
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining(why)]);
    await own.sweepAll();
    expect(await own.wallets(from, 2)).toEqual([
      ['REGISTERED', accountOf(from), '5'],
      ['REGISTERED', accountOf(from + 1), '5'],
    ]);
  });

  it('are given to nobody else before they are registered', async () => {
    await own.publishedAlone(addressFile(from, 1));
    const taken = await own.upload(addressFile(from + 5, 1, { address: () => accountOf(from) }));
    expect(taken.status).toBe(409);
    await own.sweepAll();
  });

  it('are those of a wallet for whoever looks at its person, pays to it or changes it before it is registered', async () => {
    await own.publishedAlone(addressFile(from, 4));
    const [seen, paid, changed] = await own.people(from, 3);
    expect(await own.wallets(from, 1)).toEqual([['DRAFT', null, null]]);
    expect((await own.call('GET', `/receivers/${String(seen?.id)}`)).body).toMatchObject({
      wallets: [{ status: 'REGISTERED', stellar_address: accountOf(from) }],
    });
    const payee = (tx: TenantTx): Promise<unknown> =>
      new PayeesRepository().wallet(tx, String(paid?.id), own.world.knownWalletId);
    expect(await own.staff(payee)).toMatchObject({ status: 'REGISTERED', address: accountOf(from + 1) });
    const path = `/receivers/${String(changed?.id)}/wallets/${String(changed?.walletId)}`;
    const edit = await own.call('PATCH', path, { stellar_address: otherOf(from + 2) });
    expect(edit.status).toBe(200);
    expect((await own.left()).arriving).toBe(1);
    expect(await own.wallets(from + 3, 1)).toEqual([['DRAFT', null, null]]);
    await own.sweepAll();
    // What staff said afterwards stays.
    expect(await own.wallets(from + 2, 2)).toEqual([
      ['REGISTERED', otherOf(from + 2), null],
      ['REGISTERED', accountOf(from + 3), null],
    ]);
  });

  it('come before a registration by the person that begins after the publication', async () => {
    await own.publishedAlone(addressFile(from, 1));
    expect(await own.registers(await own.person(from), otherOf(from))).toBe(false);
    expect(await own.wallets(from, 1)).toEqual([['REGISTERED', accountOf(from), null]]);
    await own.sweepAll();
  });
});
