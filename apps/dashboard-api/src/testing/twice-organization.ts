import { newId } from '@libs/kernel';
import { accountAddressOf } from '@libs/ledger';
import { randomBytes } from 'node:crypto';

import type { DisbursementWorld } from './disbursement-world';
import { person, stranger, userManagedWalletOf } from './people';
import { rowsOf, type Scene, sentSince, shotsOf, type Shot, type TwiceCases } from './twice-scene';

const newAddress = (): string => accountAddressOf(randomBytes(32));

function organizationShot(world: DisbursementWorld, token: string, data: object): Shot {
  return () => {
    const body = new FormData();
    body.set('data', JSON.stringify(data));
    return world.server.call('PATCH', '/organization', { token, body });
  };
}

/** A wallet provider of its own. */
async function provider(world: DisbursementWorld): Promise<string> {
  const id = newId();
  await world.server.sql(
    `INSERT INTO catalogue.wallets (tenant_id, id, name, homepage, deep_link_schema, sep_10_client_domain)
     VALUES ($1, $2::uuid, left($2::text, 30), 'https://' || $2 || '.test', 'w' || $2 || '://pay', 'wallet.test')`,
    [world.tenant.id, id],
  );
  return id;
}

async function receiverWalletScene(
  world: DisbursementWorld,
  status: 'READY' | 'REGISTERED',
  path: (id: string) => string,
  body: object,
): Promise<Scene> {
  const { receiverWalletId } = await person(world, status);
  const sent = sentSince(world);
  const row = rowsOf(
    world,
    'SELECT status, stellar_address FROM receivers.receiver_wallets WHERE tenant_id = $1 AND id = $2',
    receiverWalletId,
  );
  return {
    one: shotsOf(world, 'PATCH', path(receiverWalletId), await world.token())(body),
    state: async () => ({ row: await row(), sent: await sent() }),
  };
}

/** Routes about the organisation, what it pays with and whom it pays. */
export const TWICE_ORGANIZATION: TwiceCases = {
  'PATCH /organization': {
    given: async (world) => {
      const token = await world.token();
      await organizationShot(world, token, { organization_name: 'Before', timezone_utc_offset: '+00:00' })();
      return {
        one: organizationShot(world, token, { organization_name: 'East', timezone_utc_offset: '+07:00' }),
        other: organizationShot(world, token, { organization_name: 'West', timezone_utc_offset: '-07:00' }),
        state: rowsOf(
          world,
          'SELECT name, timezone_utc_offset FROM tenants.organizations WHERE tenant_id = $1',
        ),
      };
    },
  },
  'POST /assets': {
    given: async (world) => {
      const issuer = newAddress();
      const assets = rowsOf(
        world,
        'SELECT code, deleted_at FROM catalogue.assets WHERE tenant_id = $1 AND issuer = $2',
        issuer,
      );
      return {
        one: shotsOf(world, 'POST', '/assets', await world.token())({ code: 'USDC', issuer }),
        state: async () => ({ assets: await assets(), requests: await trustlineRequests(world, issuer) }),
      };
    },
  },
  'DELETE /assets/:id': {
    given: async (world) => {
      const [id, issuer] = [newId(), newAddress()];
      await world.server.sql(
        `INSERT INTO catalogue.assets (tenant_id, id, code, issuer) VALUES ($1, $2, 'USDC', $3)`,
        [world.tenant.id, id, issuer],
      );
      const assets = rowsOf(
        world,
        'SELECT deleted_at IS NOT NULL AS gone FROM catalogue.assets WHERE tenant_id = $1 AND id = $2',
        id,
      );
      return {
        one: shotsOf(world, 'DELETE', `/assets/${id}`, await world.token())(),
        state: async () => ({ assets: await assets(), requests: await trustlineRequests(world, issuer) }),
      };
    },
  },
  'POST /wallets': {
    given: async (world) => {
      const name = newId().slice(0, 30);
      const order = (host: string): object => ({
        name,
        homepage: `https://${host}.test`,
        deep_link_schema: `${host}://pay`,
        sep_10_client_domain: 'wallet.test',
        assets: [{ id: world.assetId }],
      });
      const unique = `w${newId().replaceAll('-', '')}`;
      const shots = shotsOf(world, 'POST', '/wallets', await world.token());
      return {
        one: shots(order(`a${unique}`)),
        other: shots(order(`b${unique}`)),
        state: rowsOf(
          world,
          `SELECT left(homepage, 9) AS homepage, left(deep_link_schema, 1) AS link,
                  (SELECT count(*)::int FROM catalogue.wallet_assets a WHERE a.tenant_id = w.tenant_id AND a.wallet_id = w.id) AS assets
             FROM catalogue.wallets w WHERE tenant_id = $1 AND name = $2`,
          name,
        ),
      };
    },
  },
  'PATCH /wallets/:id': {
    given: async (world) => {
      const id = await provider(world);
      const shots = shotsOf(world, 'PATCH', `/wallets/${id}`, await world.token());
      return {
        one: shots({ enabled: false, sep_10_client_domain: 'one.test' }),
        other: shots({ enabled: true, sep_10_client_domain: 'other.test' }),
        state: rowsOf(
          world,
          'SELECT enabled, sep_10_client_domain FROM catalogue.wallets WHERE tenant_id = $1 AND id = $2',
          id,
        ),
      };
    },
  },
  'DELETE /wallets/:id': {
    given: async (world) => {
      const id = await provider(world);
      return {
        one: shotsOf(world, 'DELETE', `/wallets/${id}`, await world.token())(),
        state: rowsOf(
          world,
          'SELECT deleted_at IS NOT NULL AS gone FROM catalogue.wallets WHERE tenant_id = $1 AND id = $2',
          id,
        ),
      };
    },
  },
  'POST /receivers': {
    given: async (world) => {
      const email = `${newId()}@people.test`;
      const shots = shotsOf(world, 'POST', '/receivers', await world.token());
      const body = { email, external_id: 'A', verifications: [{ type: 'PIN', value: '1234' }] };
      return {
        one: shots(body),
        other: shots({
          ...body,
          external_id: 'B',
          verifications: [{ type: 'YEAR_MONTH', value: '1990-01' }],
        }),
        state: rowsOf(
          world,
          `SELECT external_id, array_agg(v.verification_field) AS fields FROM receivers.receivers r
             LEFT JOIN receivers.verifications v ON v.tenant_id = r.tenant_id AND v.receiver_id = r.id
            WHERE r.tenant_id = $1 AND email = $2 GROUP BY r.id, external_id`,
          email,
        ),
      };
    },
  },
  'PATCH /receivers/:id': {
    given: async (world) => {
      const { id } = await stranger(world);
      const shots = shotsOf(world, 'PATCH', `/receivers/${id}`, await world.token());
      return {
        one: shots({ external_id: 'A', pin: '1111' }),
        other: shots({ external_id: 'B', year_month: '1990-01' }),
        state: async () => {
          const [row] = await rowsOf(
            world,
            'SELECT external_id FROM receivers.receivers WHERE tenant_id = $1 AND id = $2',
            id,
          )();
          return row;
        },
      };
    },
  },
  'PATCH /receivers/wallets/:id': {
    each: 'each press of the button asks for one more invitation',
    given: async (world) => {
      const { receiverWalletId } = await person(world, 'READY');
      return {
        one: shotsOf(world, 'PATCH', `/receivers/wallets/${receiverWalletId}`, await world.token())({}),
        state: async () =>
          (await world.events())
            .filter(({ data }) => JSON.stringify(data).includes(receiverWalletId))
            .map(({ type }) => type),
      };
    },
  },
  'PATCH /receivers/wallets/:id/status': {
    given: (world) =>
      receiverWalletScene(world, 'REGISTERED', (id) => `/receivers/wallets/${id}/status`, {
        status: 'READY',
      }),
  },
  'PATCH /receivers/:receiver_id/wallets/:id': {
    given: async (world) => {
      const { id, receiverWalletId } = await person(world, 'REGISTERED', await userManagedWalletOf(world));
      const [first, second] = [newAddress(), newAddress()];
      const path = `/receivers/${id}/wallets/${receiverWalletId}`;
      const shots = shotsOf(world, 'PATCH', path, await world.token());
      const owned = rowsOf(
        world,
        'SELECT stellar_address FROM receivers.address_owners WHERE tenant_id = $1 AND receiver_id = $2',
        id,
      );
      const wallet = rowsOf(
        world,
        'SELECT stellar_address, stellar_memo FROM receivers.receiver_wallets WHERE tenant_id = $1 AND id = $2',
        receiverWalletId,
      );
      const nameOf = (row: Record<string, unknown>): string =>
        row['stellar_address'] === first ? 'one' : row['stellar_address'] === second ? 'other' : 'before';
      return {
        one: shots({ stellar_address: first, stellar_memo: '1' }),
        other: shots({ stellar_address: second, stellar_memo: '2' }),
        state: async () => ({
          wallet: (await wallet()).map((row) => [nameOf(row), row['stellar_memo']]),
          owned: (await owned()).map(nameOf).toSorted(),
        }),
      };
    },
  },
};

async function trustlineRequests(world: DisbursementWorld, issuer: string): Promise<number> {
  const rows = await world.server.sql(
    'SELECT FROM tenants.ledger_account_requests r WHERE tenant_id = $1 AND r::text LIKE $2',
    [world.tenant.id, `%${issuer}%`],
  );
  return rows.length;
}
