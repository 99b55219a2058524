import { invitationText, oneTimeCodeText } from './templates';

const invite = (template: string, organizationName = 'Acme'): string =>
  invitationText({ template, organizationName, registrationLink: 'https://x.example/r/abc123' }).body;

describe('an invitation', () => {
  it('names the organisation and the link, with or without spaces in the placeholders', () => {
    expect(invite('From {{.OrganizationName}}: {{ .RegistrationLink }}')).toBe(
      'From Acme: https://x.example/r/abc123',
    );
  });

  it('gets the link at its end when the template forgot it', () => {
    expect(invite('A payment waits.')).toBe('A payment waits. https://x.example/r/abc123');
  });

  it('takes a name literally, whatever is in it', () => {
    expect(invite('{{.OrganizationName}} {{.RegistrationLink}}', '$& {{.RegistrationLink}}')).toBe(
      '$& {{.RegistrationLink}} https://x.example/r/abc123',
    );
  });

  it('says in the title of the mail who pays', () => {
    const { title } = invitationText({ template: '', organizationName: 'Acme', registrationLink: 'x' });
    expect(title).toBe('You have a payment waiting for you from Acme');
  });
});

describe('the text of a one-time code', () => {
  const text = (template: string): string =>
    oneTimeCodeText({ template, organizationName: 'Acme', code: '012345' }).body;
  const warning = ' If you did not request this code, please ignore. Do not share your code with anyone.';

  it('carries the code and ends with the advice not to share it', () => {
    expect(text('{{.OTP}} is your {{.OrganizationName}} verification code.')).toBe(
      `012345 is your Acme verification code.${warning}`,
    );
  });

  it('gets the code at its start when the template forgot it', () => {
    expect(text('is your code.')).toBe(`012345 is your code.${warning}`);
  });
});
