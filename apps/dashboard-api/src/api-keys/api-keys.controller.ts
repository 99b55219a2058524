import { HttpProblem } from '@libs/http';
import { type ApiKey, ApiKeysRepository, noteChange } from '@libs/identity';
import { Clock, isId } from '@libs/kernel';
import { type TenantTx, UnitOfWork } from '@libs/persistence';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';

import { type Caller, CurrentCaller } from '../access/caller';
import { INVALID_BODY, networksOf, permissionsOf, readApiKeyOrder } from './api-key-body';
import { beyondKey, type GivenToKey } from './beyond-key';

const NOT_FOUND = 'API key not found';

/** The keys that the caller made; those of others are not found. */
@Controller('api-keys')
export class ApiKeysController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly keys: ApiKeysRepository,
    private readonly clock: Clock,
  ) {}

  @Get()
  async list(@CurrentCaller() caller: Caller): Promise<object[]> {
    const keys = await this.unitOfWork.run(caller.context, (tx) => this.keys.list(tx, caller.user.id));
    return keys.map(apiKeyJson);
  }

  @Get(':id')
  async show(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<object> {
    const key = isId(id)
      ? await this.unitOfWork.run(caller.context, (tx) => this.keys.find(tx, id, caller.user.id))
      : null;
    if (key === null) throw new HttpProblem(404, { error: NOT_FOUND });
    return apiKeyJson(key);
  }

  /** The only answer that holds the key itself. */
  @Post()
  @HttpCode(201)
  async create(@CurrentCaller() caller: Caller, @Body() body: unknown): Promise<object> {
    const { order, extras } = readApiKeyOrder(objectOf(body), this.clock.now());
    const { apiKey, text } = await this.unitOfWork.run(caller.context, async (tx) => {
      const all = { ...(await this.beyondCaller(tx, caller, order)), ...extras };
      if (Object.keys(all).length > 0) {
        throw new HttpProblem(400, { error: 'Request validation failed', extras: all });
      }
      const made = await this.keys.add(tx, { ...order, createdBy: caller.user.id });
      note(tx, null, made.apiKey);
      return made;
    });
    return { ...apiKeyJson(apiKey), key: text };
  }

  /** Permissions and addresses; leaving `allowed_ips` out clears them. */
  @Patch(':id')
  async change(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: unknown,
  ): Promise<object> {
    const fields = objectOf(body);
    const extras: Record<string, string> = {};
    const given: unknown = Reflect.get(fields, 'permissions');
    if (!Array.isArray(given) || given.length === 0) {
      throw new HttpProblem(400, { error: 'permissions must be non-empty' });
    }
    const permissions = permissionsOf(given, extras);
    if (extras['permissions'] !== undefined) {
      throw new HttpProblem(400, { error: 'Invalid permissions', extras });
    }
    const allowedIps = networksOf(Reflect.get(fields, 'allowed_ips') ?? undefined, extras);
    if (extras['allowed_ips'] !== undefined) {
      throw new HttpProblem(400, { error: 'Invalid allowed_ips', extras });
    }
    return await this.unitOfWork.run(caller.context, async (tx) => {
      const before = await this.lock(tx, id, caller);
      const beyond = await this.beyondCaller(tx, caller, {
        permissions,
        allowedIps,
        expiresAt: before.expiresAt,
      });
      const [field] = Object.keys(beyond);
      if (field !== undefined) throw new HttpProblem(400, { error: `Invalid ${field}`, extras: beyond });
      const changed = await this.keys.change(tx, id, { permissions, allowedIps, updatedBy: caller.user.id });
      if (changed === null) throw new HttpProblem(404, { error: NOT_FOUND });
      note(tx, before, changed);
      return apiKeyJson(changed);
    });
  }

  @Delete(':id')
  @HttpCode(204)
  async revoke(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<void> {
    await this.unitOfWork.run(caller.context, async (tx) => {
      const before = await this.lock(tx, id, caller);
      await this.keys.revoke(tx, id, caller.user.id);
      note(tx, before, null);
    });
  }

  /** By field; a person may give anything. Of a key that changes itself, ask after its lock, when it is what it stays. */
  private async beyondCaller(
    tx: TenantTx,
    { via, user }: Caller,
    given: GivenToKey,
  ): Promise<Readonly<Record<string, string>>> {
    if (via.kind === 'session') return {};
    const own = await this.keys.find(tx, via.keyId, user.id);
    if (own === null) throw new HttpProblem(401, { error: 'Invalid API key' });
    return beyondKey(own, given);
  }

  private async lock(tx: TenantTx, id: string, caller: Caller): Promise<ApiKey> {
    const key = isId(id) ? await this.keys.lock(tx, id, caller.user.id) : null;
    if (key === null) throw new HttpProblem(404, { error: NOT_FOUND });
    return key;
  }
}

function note(tx: TenantTx, before: ApiKey | null, after: ApiKey | null): void {
  noteChange(tx, {
    subjectType: 'api_key',
    subjectId: (before ?? after)?.id ?? '',
    before: before === null ? null : apiKeyJson(before),
    after: after === null ? null : apiKeyJson(after),
  });
}

function objectOf(body: unknown): object {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body;
  throw new HttpProblem(400, { error: INVALID_BODY });
}

/** `allowed_ips`, `expiry_date` and `last_used_at` are left out when there are none. */
function apiKeyJson(key: ApiKey): object {
  return {
    id: key.id,
    name: key.name,
    ...(key.expiresAt === null ? {} : { expiry_date: key.expiresAt.toISOString() }),
    permissions: key.permissions,
    ...(key.allowedIps.length === 0 ? {} : { allowed_ips: key.allowedIps }),
    created_at: key.createdAt.toISOString(),
    created_by: key.createdBy,
    updated_at: key.updatedAt.toISOString(),
    updated_by: key.updatedBy,
    ...(key.lastUsedAt === null ? {} : { last_used_at: key.lastUsedAt.toISOString() }),
  };
}
