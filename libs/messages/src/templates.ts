const placeholder = (name: string): RegExp => new RegExp(`\\{\\{\\s*\\.${name}\\s*\\}\\}`, 'g');
const ORGANIZATION = placeholder('OrganizationName');
const LINK = placeholder('RegistrationLink');
const CODE = placeholder('OTP');
const NO_SHARING = ' If you did not request this code, please ignore. Do not share your code with anyone.';

export interface MessageText {
  readonly title: string;
  readonly body: string;
}

/** One pass over each placeholder, with the value taken literally: a name such as `$&` or `{{.OTP}}` stays what it is. */
function fill(template: string, values: readonly (readonly [RegExp, string])[]): string {
  const pattern = new RegExp(values.map(([one]) => one.source).join('|'), 'g');
  return template.replace(pattern, (found) => {
    const value = values.find(([one]) => new RegExp(`^${one.source}$`).test(found));
    return value?.[1] ?? found;
  });
}

/** The invitation of an organisation. A template without the link gets it at its end. */
export function invitationText(options: {
  readonly template: string;
  readonly organizationName: string;
  readonly registrationLink: string;
}): MessageText {
  const { organizationName, registrationLink } = options;
  const template = new RegExp(LINK.source).test(options.template)
    ? options.template
    : `${options.template} {{.RegistrationLink}}`;
  return {
    title: `You have a payment waiting for you from ${organizationName}`,
    body: fill(template, [
      [ORGANIZATION, organizationName],
      [LINK, registrationLink],
    ]),
  };
}

/** The text that carries a one-time code. A template without the code gets it at its start. */
export function oneTimeCodeText(options: {
  readonly template: string;
  readonly organizationName: string;
  readonly code: string;
}): MessageText {
  const { organizationName, code } = options;
  const template = new RegExp(CODE.source).test(options.template)
    ? options.template
    : `{{.OTP}} ${options.template}`;
  const filled = fill(template, [
    [ORGANIZATION, organizationName],
    [CODE, code],
  ]);
  return { title: `Your One-Time Password: ${code}`, body: `${filled}${NO_SHARING}` };
}
