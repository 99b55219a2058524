import { templateMistake } from './message-template.policy';

const invitation = (text: string): string | null => templateMistake('invitation', text, 'template');

describe('a template of a message', () => {
  it.each([
    'Hello from {{.OrganizationName}}: {{ .RegistrationLink }}',
    'No placeholder at all',
    'Zwei < drei, und Tom & Anna',
    '1 < 2',
  ])('may be "%s"', (text) => {
    expect(invitation(text)).toBeNull();
  });

  it.each([
    '<b>pay</b>',
    '</p>',
    '<!-- x',
    'javascript:alert(1)',
    'java&#115;cript:alert(1)',
    '&lt;b&gt;',
    '&amp;lt;b',
    '&#60;b',
    '&#x3c;b',
    'width: expression(alert(1))',
  ])('may not be "%s"', (text) => {
    expect(invitation(text)).toBe('template cannot contain HTML, JS or CSS');
  });

  it.each([
    '{{.Organization}}',
    '{{OrganizationName}}',
    '{{.OrganizationName',
    'x }}',
    '{{.OTP}}',
    '{{{{.OrganizationName}}}}',
  ])('may not hold the placeholder of "%s", which nothing fills', (text) => {
    expect(invitation(text)).toContain('placeholder that cannot be filled');
  });

  it('of one-time codes has a placeholder for the code', () => {
    expect(templateMistake('one_time_code', '{{.OTP}} for {{.OrganizationName}}', 'otp')).toBeNull();
    expect(templateMistake('one_time_code', '{{.RegistrationLink}}', 'otp')).not.toBeNull();
  });

  it('has at most 255 characters, counted as a person counts', () => {
    expect(invitation('😀'.repeat(255))).toBeNull();
    expect(invitation('x'.repeat(256))).toBe('template cannot exceed 255 characters');
  });
});
