import { HttpProblem } from '@libs/http';
import { TENANT_STATUSES } from '@libs/contracts';
import { isBaseAddress } from '@libs/kernel';

import type { TenantChange } from './tenant-changes.service';

const WIRE_STATUSES = TENANT_STATUSES.map((status) => `TENANT_${status}`);

const isStatus = (value: unknown): value is string =>
  typeof value === 'string' && WIRE_STATUSES.includes(value);

const isOrigin = (value: unknown): value is string => typeof value === 'string' && isBaseAddress(value);

/** Null and the empty text are nothing, as everywhere in this API. */
function given(body: unknown, key: string): unknown {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, key) : undefined;
  return value === null || value === '' ? undefined : value;
}

/** What `PATCH /tenants/{id}` asks for. Throws 400 with everything that is wrong with it. */
export function readTenantChange(body: unknown): TenantChange {
  const [baseUrl, sdpUiBaseUrl, status] = ['base_url', 'sdp_ui_base_url', 'status'].map((key) =>
    given(body, key),
  );
  if (baseUrl === undefined && sdpUiBaseUrl === undefined && status === undefined) {
    throw new HttpProblem(400, {
      error: 'invalid request body',
      extras: { body: 'provide at least one of base_url, sdp_ui_base_url or status' },
    });
  }
  const extras: Record<string, string> = {};
  if (baseUrl !== undefined && !isOrigin(baseUrl)) extras['base_url'] = 'invalid base URL value';
  if (sdpUiBaseUrl !== undefined && !isOrigin(sdpUiBaseUrl)) {
    extras['sdp_ui_base_url'] = 'invalid SDP UI base URL value';
  }
  if (status !== undefined && !isStatus(status)) extras['status'] = 'invalid status value';
  if (Object.keys(extras).length > 0) throw new HttpProblem(400, { error: 'invalid request body', extras });
  const wanted = isStatus(status) ? status.replace('TENANT_', '') : null;
  if (wanted !== null && wanted !== 'ACTIVATED' && wanted !== 'DEACTIVATED') {
    throw new HttpProblem(400, { error: 'cannot perform update on tenant to requested status' });
  }
  return {
    ...(isOrigin(baseUrl) ? { baseUrl: withoutSlash(baseUrl) } : {}),
    ...(isOrigin(sdpUiBaseUrl) ? { sdpUiBaseUrl: withoutSlash(sdpUiBaseUrl) } : {}),
    ...(wanted === null ? {} : { status: wanted }),
  };
}

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');
