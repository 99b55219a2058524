import { Captcha } from '@libs/captcha';
import { HttpProblem, parseJsonField, StallWatch, traceOf } from '@libs/http';
import { noteChange } from '@libs/identity';
import { UnitOfWork } from '@libs/persistence';
import { type Logo, OrganizationsRepository, type Tenant } from '@libs/tenants';
import { Controller, Get, Inject, Patch, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';

import { type Caller, callerNow, CurrentCaller, CurrentTenant } from '../access/caller';
import { StepUp } from '../access/step-up.service';
import { SETTINGS, UPLOAD_STALL_MS } from '../platform.module';
import type { StaffSettings } from '../staff-settings';
import { readMultipart } from './multipart-form';
import { changesSecurity, readOrganizationChange } from './organization-change';
import { changedSettings, organizationJson } from './organization-json';

const BODY_BYTES_MAX = 2_000_000;
const PNG_START = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const JPEG_START = Buffer.from([0xff, 0xd8, 0xff]);

@Controller()
export class OrganizationController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly organizations: OrganizationsRepository,
    private readonly stepUp: StepUp,
    private readonly captcha: Captcha,
    @Inject(SETTINGS) private readonly settings: StaffSettings,
    @Inject(UPLOAD_STALL_MS) private readonly stallMs: number,
  ) {}

  @Get('organization')
  async show(@CurrentCaller() caller: Caller): Promise<object> {
    const organization = await this.unitOfWork.run(caller.context, (tx) => this.organizations.find(tx));
    if (organization === null) throw new HttpProblem(404);
    return organizationJson(organization, caller.tenant);
  }

  @Patch('organization')
  async change(@Req() request: Request): Promise<object> {
    const { data, file } = await readForm(request, this.stallMs);
    const caller = await callerNow(request);
    const { change, extras } = readOrganizationChange(data, {
      networkPassphrase: this.settings.NETWORK_PASSPHRASE,
      hasCaptcha: this.captcha.isConfigured,
    });
    const logo = file === null ? null : logoOf(file);
    const refused = file !== null && logo === null;
    if (refused || Object.keys(extras).length > 0) {
      const logoExtra = refused ? { logo: 'invalid file type provided. Expected png or jpeg.' } : {};
      throw new HttpProblem(400, { extras: { ...extras, ...logoExtra } });
    }
    if (Object.keys(change).length === 0 && logo === null) {
      throw new HttpProblem(400, {
        error: 'request is invalid',
        extras: { details: 'data or logo is required' },
      });
    }
    if (changesSecurity(change)) await this.stepUp.assertFresh(caller);
    await this.unitOfWork.run(caller.context, async (tx) => {
      const before = await this.organizations.lock(tx);
      if (before === null) throw new HttpProblem(404);
      await this.organizations.change(tx, logo === null ? change : { ...change, logo });
      const changed = changedSettings(before, { ...before, ...change });
      noteChange(tx, {
        subjectType: 'organization',
        subjectId: caller.tenant.id,
        before: changed.before,
        after: { ...changed.after, ...(logo === null ? {} : { logo: logo.type }) },
      });
    });
    return { message: 'updated successfully' };
  }

  @Get('organization/logo')
  async logo(
    @CurrentTenant() tenant: Tenant,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const context = { tenantId: tenant.id, actor: 'system:logo', trace: traceOf(request) };
    const logo = await this.unitOfWork.run(context, (tx) => this.organizations.logo(tx));
    response.type(logo.type).send(Buffer.from(logo.bytes));
  }

  @Get('app-config')
  async appConfig(@CurrentTenant() tenant: Tenant, @Req() request: Request): Promise<object> {
    const context = { tenantId: tenant.id, actor: 'system:app config', trace: traceOf(request) };
    const organization = await this.unitOfWork.run(context, (tx) => this.organizations.find(tx));
    const widget = this.captcha.widgetFor(organization);
    return {
      captcha_type: widget.type,
      captcha_site_key: widget.siteKey,
      captcha_disabled: widget.isDisabled,
    };
  }
}

async function readForm(
  request: Request,
  stallMs: number,
): Promise<{ readonly data: object; readonly file: Uint8Array | null }> {
  const watch = new StallWatch(request, stallMs);
  const reading = readMultipart(request, BODY_BYTES_MAX);
  const read = await Promise.race([reading, watch.stalled]).finally(() => {
    watch.stop();
  });
  const error = 'could not parse multipart form data';
  if (read.kind === 'too_large') {
    throw new HttpProblem(400, { error, extras: { details: 'request too large. Max size 2MB.' } });
  }
  if (read.kind === 'malformed') throw new HttpProblem(400, { error });
  const data = parsedObject(read.form.fields['data']);
  const file = read.form.files['logo'];
  return { data, file: file === undefined || file.byteLength === 0 ? null : file };
}

function parsedObject(text: string | undefined): object {
  const value = parseJsonField(text ?? '');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new HttpProblem(400);
  return value;
}

/** Judged by its first bytes: names and content types are only claims. */
function logoOf(bytes: Uint8Array): Logo | null {
  const starts = (start: Uint8Array): boolean =>
    Buffer.compare(bytes.subarray(0, start.byteLength), start) === 0;
  if (starts(PNG_START)) return { bytes, type: 'image/png' };
  return starts(JPEG_START) ? { bytes, type: 'image/jpeg' } : null;
}
