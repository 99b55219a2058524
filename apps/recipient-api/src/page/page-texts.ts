import type { VerificationField } from '@libs/contracts';

export const PAGE_LANGUAGES = ['en', 'es'] as const;
export type PageLanguage = (typeof PAGE_LANGUAGES)[number];

/** `es-MX` is Spanish; what we do not speak is English. */
export function pageLanguageOf(lang: unknown): PageLanguage {
  const first = typeof lang === 'string' ? lang.toLowerCase().split('-')[0] : '';
  return PAGE_LANGUAGES.find((one) => one === first) ?? 'en';
}

export type PageMistake =
  | 'contact'
  | 'code_format'
  | 'value_format'
  | 'value_future'
  | 'code_wrong'
  | 'code_expired'
  | 'code_exceeded'
  | 'value_wrong'
  | 'value_exceeded'
  | 'address_taken'
  | 'too_many_at_once'
  | 'captcha_wrong'
  | 'captcha_unreachable'
  | 'captcha_without_keys';

export interface PageTexts {
  readonly title: string;
  readonly intro: (organization: string) => string;
  readonly contact: string;
  readonly contactHint: string;
  readonly sendCode: string;
  readonly sent: (contact: string) => string;
  readonly code: string;
  readonly codeHint: string;
  readonly value: Readonly<Record<VerificationField, string>>;
  readonly valueHint: Readonly<Record<VerificationField, string>>;
  readonly register: string;
  readonly sendAgain: string;
  readonly doneTitle: string;
  readonly done: (organization: string) => string;
  readonly registeredTitle: string;
  readonly registered: (contact: string) => string;
  readonly expiredTitle: string;
  readonly expired: string;
  readonly privacy: string;
  readonly needsScripts: string;
  readonly problem: string;
  readonly mistakes: Readonly<Record<PageMistake, string>>;
}

const EN: PageTexts = {
  title: 'Register your wallet',
  intro: (organization) => `${organization} has a payment for you. Two steps, and it goes to this wallet.`,
  contact: 'Phone number or e-mail address',
  contactHint:
    'The one that your invitation came to. Phone numbers with the country, such as +1 415 555 0100.',
  sendCode: 'Send me a code',
  sent: (contact) =>
    `If ${contact} is registered, a code with 6 digits is on its way. It works for 5 minutes.`,
  code: 'Code',
  codeHint: 'The 6 digits that we sent you.',
  value: {
    DATE_OF_BIRTH: 'Date of birth',
    YEAR_MONTH: 'Year and month of birth',
    PIN: 'PIN',
    NATIONAL_ID_NUMBER: 'National ID number',
  },
  valueHint: {
    DATE_OF_BIRTH: 'Year, month, day: 1990-01-30',
    YEAR_MONTH: 'Year and month: 1990-01',
    PIN: '4 to 8 characters, as you agreed with the organization.',
    NATIONAL_ID_NUMBER: 'As it stands in your document.',
  },
  register: 'Register',
  sendAgain: 'Send another code',
  doneTitle: 'Your wallet is registered',
  done: (organization) => `${organization} will pay to this wallet. You can close this page.`,
  registeredTitle: 'This wallet is registered already',
  registered: (contact) => `It belongs to ${contact}. There is nothing left to do: you can close this page.`,
  expiredTitle: 'This page has expired',
  expired: 'Go back to your wallet and start again from there.',
  privacy: 'Privacy policy',
  needsScripts: 'Your browser runs no scripts. They are needed here to tell people from robots.',
  problem: 'Please look at this again',
  mistakes: {
    contact: 'This is neither a phone number with its country nor an e-mail address.',
    code_format: 'The code has 6 digits.',
    value_format: 'This does not have the expected form.',
    value_future: 'This lies in the future.',
    code_wrong: 'The code is not right.',
    code_expired: 'The code has expired. Ask for another one.',
    code_exceeded: 'The code was wrong too often. Ask for another one.',
    value_wrong: 'What you entered does not fit what the organization knows.',
    value_exceeded: 'Too many tries. Please talk to the organization.',
    address_taken: 'This wallet cannot be used for this registration.',
    too_many_at_once: 'Too many tries at once. Please wait a moment.',
    captcha_wrong: 'Please show once more that you are no robot.',
    captcha_unreachable: 'We cannot check now whether you are a person. Please try again in a minute.',
    captcha_without_keys: 'Nobody can register here at the moment. Please tell the organization.',
  },
};

const ES: PageTexts = {
  title: 'Registre su billetera',
  intro: (organization) => `${organization} tiene un pago para usted. Dos pasos y llegará a esta billetera.`,
  contact: 'Número de teléfono o correo electrónico',
  contactHint: 'El que recibió la invitación. El teléfono con el país, por ejemplo +52 55 1234 5678.',
  sendCode: 'Enviarme un código',
  sent: (contact) => `Si ${contact} está registrado, recibirá un código de 6 dígitos. Vale 5 minutos.`,
  code: 'Código',
  codeHint: 'Los 6 dígitos que le enviamos.',
  value: {
    DATE_OF_BIRTH: 'Fecha de nacimiento',
    YEAR_MONTH: 'Año y mes de nacimiento',
    PIN: 'PIN',
    NATIONAL_ID_NUMBER: 'Número de documento de identidad',
  },
  valueHint: {
    DATE_OF_BIRTH: 'Año, mes, día: 1990-01-30',
    YEAR_MONTH: 'Año y mes: 1990-01',
    PIN: 'De 4 a 8 caracteres, como lo acordó con la organización.',
    NATIONAL_ID_NUMBER: 'Como aparece en su documento.',
  },
  register: 'Registrar',
  sendAgain: 'Enviar otro código',
  doneTitle: 'Su billetera está registrada',
  done: (organization) => `${organization} pagará a esta billetera. Puede cerrar esta página.`,
  registeredTitle: 'Esta billetera ya está registrada',
  registered: (contact) => `Pertenece a ${contact}. No queda nada por hacer: puede cerrar esta página.`,
  expiredTitle: 'Esta página ha caducado',
  expired: 'Vuelva a su billetera y empiece de nuevo desde allí.',
  privacy: 'Política de privacidad',
  needsScripts:
    'Su navegador no ejecuta scripts. Aquí hacen falta para distinguir a las personas de los robots.',
  problem: 'Por favor, revise esto',
  mistakes: {
    contact: 'No es un teléfono con su país ni un correo electrónico.',
    code_format: 'El código tiene 6 dígitos.',
    value_format: 'No tiene la forma esperada.',
    value_future: 'Está en el futuro.',
    code_wrong: 'El código no es correcto.',
    code_expired: 'El código ha caducado. Pida otro.',
    code_exceeded: 'El código fue incorrecto demasiadas veces. Pida otro.',
    value_wrong: 'Lo que escribió no coincide con lo que sabe la organización.',
    value_exceeded: 'Demasiados intentos. Hable con la organización.',
    address_taken: 'Esta billetera no se puede usar para este registro.',
    too_many_at_once: 'Demasiados intentos a la vez. Espere un momento.',
    captcha_wrong: 'Muestre otra vez que no es un robot.',
    captcha_unreachable: 'Ahora no podemos comprobar si usted es una persona. Inténtelo en un minuto.',
    captcha_without_keys: 'Ahora nadie puede registrarse aquí. Avise a la organización, por favor.',
  },
};

export const PAGE_TEXTS: Readonly<Record<PageLanguage, PageTexts>> = { en: EN, es: ES };
