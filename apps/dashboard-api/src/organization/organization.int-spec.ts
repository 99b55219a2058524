import { OrganizationsRepository } from '@libs/tenants';

import { overtake } from '../testing/overtake';
import { TEST_ACCOUNT, TestServer, type TestTenant } from '../testing/test-server';

const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);

describe('the organisation', () => {
  let server: TestServer;
  let acme: TestTenant;
  let other: TestTenant;
  let owner: string;

  beforeAll(async () => {
    server = await TestServer.start();
    acme = await server.tenant('acme');
    other = await server.tenant('other');
    owner = await server.tokenFor(acme, 'owner');
  });
  afterAll(() => server.stop());

  const form = (data: unknown, logo?: Uint8Array<ArrayBuffer>): FormData => {
    const body = new FormData();
    if (data !== undefined) body.set('data', typeof data === 'string' ? data : JSON.stringify(data));
    if (logo !== undefined) body.set('logo', new Blob([logo]), 'logo.png');
    return body;
  };
  const change = (data: unknown, logo?: Uint8Array<ArrayBuffer>) =>
    server.call('PATCH', '/organization', { token: owner, body: form(data, logo) });
  const show = async (token = owner): Promise<unknown> =>
    (await server.call('GET', '/organization', { token })).body;

  it('is shown with its defaults, and without the templates that are the default ones', async () => {
    expect(await show()).toEqual({
      name: 'acme aid',
      logo_url: 'http://acme.pay.test/organization/logo',
      base_url: 'http://acme.pay.test',
      distribution_account: {
        type: 'DISTRIBUTION_ACCOUNT.STELLAR.ENV',
        address: TEST_ACCOUNT,
        status: 'ACTIVE',
      },
      distribution_account_public_key: TEST_ACCOUNT,
      timezone_utc_offset: '+00:00',
      is_approval_required: false,
      is_link_shortener_enabled: true,
      is_memo_tracing_enabled: true,
      receiver_invitation_resend_interval_days: 0,
      payment_cancellation_period_days: 0,
      privacy_policy_link: '',
      message_channel_priority: ['SMS', 'EMAIL'],
      mfa_disabled: null,
      captcha_disabled: null,
      receiver_invitations_disabled: null,
      email_codes_forbidden: false,
      step_up_amount: null,
      second_approver_amount: null,
    });
  });

  it('keeps what changed in the audit log, before and after', async () => {
    await change({ timezone_utc_offset: '+03:00', step_up_amount: '1000.5' });
    expect(await show()).toMatchObject({ step_up_amount: '1000.5000000' });
    const log = await server.call('GET', '/audit?subject_type=organization', { token: owner });
    expect(log.body).toMatchObject({
      data: [
        {
          action: 'PATCH /organization',
          subject: { id: acme.id },
          before: { timezone_utc_offset: '+00:00', step_up_amount: null },
          after: { timezone_utc_offset: '+03:00', step_up_amount: '1000.5000000' },
        },
      ],
    });
    await change({ timezone_utc_offset: '+00:00', step_up_amount: '' });
    expect(await show()).toMatchObject({ timezone_utc_offset: '+00:00', step_up_amount: null });
    expect((await change({ step_up_amount: 'much' })).body).toMatchObject({
      extras: { step_up_amount: 'step_up_amount must be a positive number with up to seven decimals' },
    });
  });

  it('tells the text of one-time codes before and after, which is no secret', async () => {
    const template = '{{.OTP}} opens {{.OrganizationName}}.';
    expect((await change({ otp_message_template: template })).status).toBe(200);
    await change({ otp_message_template: '' });
    const log = await server.sql(
      `SELECT before ->> 'otp_message_template' AS before, after ->> 'otp_message_template' AS after FROM identity.audit_log
        WHERE action = 'PATCH /organization' ORDER BY seq DESC LIMIT 2`,
    );
    const usual = '{{.OTP}} is your {{.OrganizationName}} verification code.';
    expect(log).toEqual([
      { before: template, after: usual },
      { before: usual, after: template },
    ]);
  });

  it('was what it was before, also when two people change it at once', async () => {
    await change({ timezone_utc_offset: '+01:00' });
    let second: ReturnType<typeof change> | undefined;
    overtake(OrganizationsRepository.prototype, 'change', async () => {
      second = change({ timezone_utc_offset: '+02:00' });
      await Promise.race([second, server.waitsForLock()]);
    });
    expect((await change({ timezone_utc_offset: '+03:00' })).status).toBe(200);
    expect((await second)?.status).toBe(200);
    const log = await server.sql(
      `SELECT before ->> 'timezone_utc_offset' AS before, after ->> 'timezone_utc_offset' AS after
         FROM identity.audit_log WHERE action = 'PATCH /organization' ORDER BY seq DESC LIMIT 2`,
    );
    expect(log).toEqual([
      { before: '+03:00', after: '+02:00' },
      { before: '+01:00', after: '+03:00' },
    ]);
    await change({ timezone_utc_offset: '+00:00' });
  });

  it('changes what is named and nothing else, of this tenant alone', async () => {
    const changed = await change({
      organization_name: 'Acme Relief',
      is_approval_required: true,
      timezone_utc_offset: '-05:30',
      receiver_invitation_resend_interval_days: 3,
      payment_cancellation_period_days: 0,
      receiver_registration_message_template: 'Hello from {{.OrganizationName}}: {{.RegistrationLink}}',
      privacy_policy_link: 'https://acme.test/privacy',
    });
    expect(changed.status).toBe(200);
    expect(changed.body).toEqual({ message: 'updated successfully' });
    expect(await show()).toMatchObject({
      name: 'Acme Relief',
      is_approval_required: true,
      timezone_utc_offset: '-05:30',
      receiver_invitation_resend_interval_days: 3,
      payment_cancellation_period_days: 0,
      receiver_registration_message_template: 'Hello from {{.OrganizationName}}: {{.RegistrationLink}}',
      privacy_policy_link: 'https://acme.test/privacy',
      is_link_shortener_enabled: true,
    });
    expect(await show(await server.tokenFor(other, 'owner'))).toMatchObject({
      name: 'other aid',
      is_approval_required: false,
    });
    await change({ receiver_registration_message_template: '', privacy_policy_link: '' });
    expect(await show()).toMatchObject({ privacy_policy_link: '' });
    expect(await show()).not.toHaveProperty('receiver_registration_message_template');
  });

  it('says what is wrong, field by field', async () => {
    const reply = await change({
      organization_name: 'x'.repeat(65),
      timezone_utc_offset: '+25:00',
      receiver_registration_message_template: 'pay &lt;script&gt; {{.RegistrationLink}}',
      otp_message_template: '{{.Otp}} is your code',
      privacy_policy_link: 'javascript:alert(1)',
      is_approval_required: 'yes',
      payment_cancellation_period_days: 1.5,
      captcha_disabled: false,
    });
    expect(reply.status).toBe(400);
    expect(reply.body).toEqual({
      error: 'The request was invalid in some way.',
      extras: {
        organization_name: 'organization_name cannot exceed 64 characters',
        timezone_utc_offset: 'timezone_utc_offset must look like +00:00',
        receiver_registration_message_template:
          'receiver_registration_message_template cannot contain HTML, JS or CSS',
        otp_message_template: expect.stringContaining('placeholder that cannot be filled') as unknown,
        privacy_policy_link: 'invalid URL format',
        is_approval_required: 'is_approval_required must be true or false',
        payment_cancellation_period_days: expect.stringContaining('whole number') as unknown,
        captcha_disabled: expect.stringContaining('no captcha provider') as unknown,
      },
    });
    expect((await change({ privacy_policy_link: 'https:x' })).body).toMatchObject({
      extras: { privacy_policy_link: 'invalid URL format' },
    });
    const long = await change({ receiver_registration_message_template: 'x'.repeat(256) });
    expect(long.body).toMatchObject({
      extras: {
        receiver_registration_message_template:
          'receiver_registration_message_template cannot exceed 255 characters',
      },
    });
  });

  it('refuses what is no form, no JSON, empty or too large', async () => {
    const noForm = await server.call('PATCH', '/organization', { token: owner, json: { data: {} } });
    expect(noForm.body).toEqual({ error: 'could not parse multipart form data' });
    expect((await change('{broken')).body).toEqual({ error: 'The request was invalid in some way.' });
    expect((await change(undefined)).status).toBe(400);
    expect((await change({})).body).toEqual({
      error: 'request is invalid',
      extras: { details: 'data or logo is required' },
    });
    const large = await change({}, new Uint8Array(2_100_000));
    expect(large.status).toBe(400);
    expect(large.body).toEqual({
      error: 'could not parse multipart form data',
      extras: { details: 'request too large. Max size 2MB.' },
    });
    const cut = await server.call('PATCH', '/organization', {
      token: owner,
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
      body: '--x\r\nContent-Disposition: form-data; name="data"\r\n\r\n{}',
    });
    expect(cut.status).toBe(400);
  });

  it('shows a logo of its own, judged by its bytes, and a built-in one before', async () => {
    const logo = () => server.call('GET', '/organization/logo', { headers: { 'SDP-Tenant-Name': 'acme' } });
    const before = await logo();
    expect(before.headers.get('content-type')).toBe('image/png');
    const wrong = await change({}, new TextEncoder().encode('<svg>'));
    expect(wrong.body).toMatchObject({
      extras: { logo: 'invalid file type provided. Expected png or jpeg.' },
    });
    expect((await change({}, PNG)).status).toBe(200);
    const after = await logo();
    expect(after.headers.get('content-disposition')).toBe('inline');
    expect(after.text).not.toBe(before.text);
    const config = await server.call('GET', '/app-config', { headers: { 'SDP-Tenant-Name': 'acme' } });
    expect(config.body).toEqual({
      captcha_type: 'GOOGLE_RECAPTCHA_V2',
      captcha_site_key: '',
      captcha_disabled: true,
    });
  });

  it('knows its people', async () => {
    const profile = await server.call('GET', '/profile', { token: owner });
    expect(profile.body).toMatchObject({
      first_name: 'First',
      roles: ['owner'],
      organization_name: 'Acme Relief',
    });
    await server.user(acme, 'approver');
    const list = (query: string) => server.call('GET', `/users${query}`, { token: owner });
    const emails = (body: unknown): string[] => (body as { email: string }[]).map(({ email }) => email);
    const ascending = emails((await list('')).body);
    expect(ascending.length).toBeGreaterThan(1);
    expect(ascending).toEqual([...ascending].sort());
    expect(ascending.every((email) => email.endsWith('@acme.test'))).toBe(true);
    expect(emails((await list('?sort=email&direction=DESC')).body)).toEqual([...ascending].reverse());
    expect((await list('?sort=age&direction=up')).body).toEqual({
      error: 'request invalid',
      extras: {
        sort: 'invalid sort field name',
        direction: "invalid sort order. valid values are 'asc' and 'desc'",
      },
    });
    const roles = await server.call('GET', '/users/roles', { token: owner });
    expect(roles.body).toEqual({
      roles: ['owner', 'financial_controller', 'developer', 'business', 'initiator', 'approver'],
    });
  });
});
