const TEMPLATE_LENGTH_MAX = 255;

const PLACEHOLDERS = {
  invitation: ['OrganizationName', 'RegistrationLink'],
  one_time_code: ['OrganizationName', 'OTP'],
} as const;

export type TemplateKind = keyof typeof PLACEHOLDERS;

const MARKUP = /<[a-z!/?]|javascript\s*:|expression\s*\(/i;
const NAMED_ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
  colon: ':',
  lpar: '(',
  Tab: '',
  NewLine: '',
};

function withoutEntities(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([a-z]{2,7}));?/gi,
    (found, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return NAMED_ENTITIES[name] ?? NAMED_ENTITIES[name.toLowerCase()] ?? found;
      const code = Number.parseInt(hex ?? decimal ?? '', hex === undefined ? 10 : 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : found;
    },
  );
}

/** Whether a text could be taken for HTML, JavaScript or CSS, also when its signs are written as entities. */
function hasMarkup(text: string): boolean {
  let decoded = text;
  // `&amp;lt;` hides a sign under two layers; each pass takes one off.
  for (let layer = 0; layer < 3; layer += 1) {
    if (MARKUP.test(decoded)) return true;
    decoded = withoutEntities(decoded);
  }
  return MARKUP.test(decoded);
}

/** What is wrong with a template, as said to the person who wrote it; null when it may be used. `field` is its name. */
export function templateMistake(kind: TemplateKind, template: string, field: string): string | null {
  if ([...template].length > TEMPLATE_LENGTH_MAX) {
    return `${field} cannot exceed ${String(TEMPLATE_LENGTH_MAX)} characters`;
  }
  if (hasMarkup(template)) return `${field} cannot contain HTML, JS or CSS`;
  const names = PLACEHOLDERS[kind];
  const known = new RegExp(`\\{\\{\\s*\\.(?:${names.join('|')})\\s*\\}\\}`, 'g');
  if (/\{\{|\}\}/.test(template.replace(known, ''))) {
    return `${field} has a placeholder that cannot be filled. Valid placeholders are: ${names.map((name) => `{{.${name}}}`).join(', ')}`;
  }
  return null;
}
