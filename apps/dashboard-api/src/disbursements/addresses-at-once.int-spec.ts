import { ReceiverWalletMoves } from '@libs/receivers';

import { accountOf, addressFile, AddressWorld, otherOf } from '../testing/address-world';
import type { Reply } from '../testing/test-server';
import { UPLOADED } from '../testing/upload-world';

const MISMATCH = 'receiver wallet address mismatch for receiver with ID';

jest.setTimeout(120_000);

describe('addresses that a file brings while others are at work on the same people', () => {
  let own: AddressWorld;
  let from = 700_000;

  beforeAll(async () => {
    own = await AddressWorld.open();
    await own.superuser.query(
      `CREATE FUNCTION receivers.wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         PERFORM pg_advisory_xact_lock(1); RETURN NULL; END $$`,
    );
  });
  beforeEach(() => (from += 10_000));
  afterEach(async () => {
    await own.sweepAll();
    expect(await own.left()).toEqual({ arriving: 0, unsettled: 0 });
  });
  afterAll(() => own.close());

  it('are those of one of two files that differ and are published in one moment, and the other is refused', async () => {
    const late = { reply: Promise.resolve<Reply | null>(null) };
    const first = await own.uploadBeforeFlip(addressFile(from, 2), async () => {
      // The first one is checked to its end and waits; the other comes as far as it can.
      late.reply = own.upload(addressFile(from, 2, { address: otherOf }));
      await Promise.race([late.reply, own.untilWaiting(2)]);
    });
    const second = await late.reply;
    expect(first.body).toEqual(UPLOADED);
    expect([second?.status, second?.text]).toEqual([400, expect.stringContaining(MISMATCH)]);
    await own.sweepAll();
    expect(await own.wallets(from, 2)).toEqual([
      ['REGISTERED', accountOf(from), null],
      ['REGISTERED', accountOf(from + 1), null],
    ]);
    expect(await own.ownersOf(otherOf(from))).toEqual([]);
  });

  it('refuse the file that brought the people, where another one is published before it with other addresses', async () => {
    const uploaded = own.uploadAround(addressFile(from, 1, { address: otherOf }), async () => {
      expect((await own.upload(addressFile(from, 1))).body).toEqual(UPLOADED);
    });
    await expect(uploaded).rejects.toMatchObject({
      refusal: { error: expect.stringContaining(MISMATCH) as string },
    });
    await own.sweepAll();
    expect(await own.wallets(from, 1)).toEqual([['REGISTERED', accountOf(from), null]]);
  });

  it('keep the memo of the one file that has it, whichever began first', async () => {
    await own.whileNobodyFolds(async () => {
      const before = own.uploadAround(addressFile(from, 1), async () => {
        expect((await own.upload(addressFile(from, 1, { memo: '5' }))).body).toEqual(UPLOADED);
      });
      await expect(before).rejects.toThrow('killed');
    });
    expect((await own.left()).arriving).toBe(2);
    await own.sweepAll();
    expect(await own.wallets(from, 1)).toEqual([['REGISTERED', accountOf(from), '5']]);
  });

  it('refuse the file where the person registers with another account while it is on its way', async () => {
    // Somebody of that provider whom no file gave an address.
    await own.publishedAlone(addressFile(from, 1));
    await own.superuser.query('DELETE FROM receivers.arriving_addresses');
    const one = await own.person(from);
    const uploaded = own.uploadAround(addressFile(from, 1), async () => {
      expect(await own.registers(one, otherOf(from))).toBe(true);
    });
    await expect(uploaded).rejects.toMatchObject({
      refusal: { error: expect.stringContaining(MISMATCH) as string },
    });
    expect(await own.wallets(from, 1)).toEqual([['REGISTERED', otherOf(from), null]]);
  });

  it('are refused where somebody else had one while they arrived, and let it go before the publication', async () => {
    const uploaded = own.uploadAround(addressFile(from, 2), async () => {
      // As it is then: the file found it claimed by another, and nobody has it any more.
      await own.superuser.query('DELETE FROM receivers.address_owners WHERE stellar_address = $1', [
        accountOf(from + 1),
      ]);
    });
    await expect(uploaded).rejects.toMatchObject({
      refusal: { error: expect.stringContaining('already registered to another receiver') as string },
    });
    await own.sweepAll();
    expect(await own.registered(from, 2)).toBe(0);
  });

  it('do not come back to a wallet that was registered and unregistered while somebody waited for it', async () => {
    await own.publishedAlone(addressFile(from, 1));
    const { walletId } = await own.person(from);
    await own.superuser.query('BEGIN');
    await own.superuser.query('SELECT FROM receivers.receiver_wallets WHERE id = $1 FOR UPDATE', [walletId]);
    const waiting = own.staff((tx) => new ReceiverWalletMoves().lock(tx, walletId));
    await Promise.race([waiting, own.untilWaiting(1)]);
    // What whoever came first leaves of it: the address is used up, and the wallet has none again.
    await own.superuser.query('DELETE FROM receivers.arriving_addresses');
    await own.superuser.query('COMMIT');
    expect(await waiting).toMatchObject({ status: 'DRAFT', address: null });
  });

  it('are refused where two people of one file have the same', async () => {
    const reply = await own.upload(addressFile(from, 2, { address: () => accountOf(from) }));
    expect([reply.status, reply.text]).toEqual([409, expect.stringContaining('wallet address')]);
    expect(await own.ownersOf(accountOf(from))).toEqual([]);
  });

  it('stay the person’s who unregisters another wallet with the same one, before or after the publication', async () => {
    const [before, after] = [await own.givenElsewhere(from), await own.givenElsewhere(from + 1)];
    await own.whileNobodyFolds(async () => {
      const reply = await own.uploadBeforeFlip(addressFile(from, 2), async () => {
        expect(await own.unregister(before)).toBe(200);
      });
      expect(reply.body).toEqual(UPLOADED);
    });
    expect(await own.unregister(after)).toBe(200);
    expect(await own.ownersOf(accountOf(from))).toEqual([before.id]);
    expect(await own.ownersOf(accountOf(from + 1))).toEqual([after.id]);
  });

  it('stay the person’s who unregisters another wallet with the same one while they arrive', async () => {
    const known = await own.givenElsewhere(from);
    await own.superuser.query(
      `CREATE TRIGGER wait AFTER INSERT ON receivers.arriving_addresses EXECUTE FUNCTION receivers.wait()`,
    );
    const given: { unregistering?: Promise<number> } = {};
    const reply = await own.uploadBehind(
      addressFile(from, 1),
      'SELECT pg_advisory_xact_lock(1)',
      async () => {
        given.unregistering = own.unregister(known);
        await Promise.race([given.unregistering, own.untilWaiting(2)]);
      },
    );
    await own.superuser.query('DROP TRIGGER wait ON receivers.arriving_addresses');
    expect([reply.body, await given.unregistering]).toEqual([UPLOADED, 200]);
    expect(await own.ownersOf(accountOf(from))).toEqual([known.id]);
  });

  it('are claimed anew where the person was just letting them go', async () => {
    const known = await own.givenElsewhere(from);
    const letGo = `DELETE FROM receivers.address_owners WHERE stellar_address = '${accountOf(from)}'`;
    expect((await own.uploadBehind(addressFile(from, 1), letGo)).body).toEqual(UPLOADED);
    expect(await own.ownersOf(accountOf(from))).toEqual([known.id]);
  });
});
