/** The whole style of the registration page: readable on a small phone, in light and dark, without web fonts. */
export const PAGE_STYLE = `:root { color-scheme: light dark; --ink: #16202c; --paper: #fff; --soft: #55606e; --line: #8a94a1; --act: #0b57c2; --on-act: #fff; --bad: #a3172a; --bad-paper: #fdeef0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e9edf2; --paper: #14181d; --soft: #b3bcc7; --line: #7c8794; --act: #8ab8ff; --on-act: #0b1a30; --bad: #ffb3bd; --bad-paper: #3a1a1f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.0625rem/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; }
main { max-width: 28rem; margin: 0 auto; padding: 2rem 1.25rem 3rem; }
.logo { display: block; max-width: 10rem; max-height: 4rem; margin: 0 0 1rem; }
.organization { margin: 0; color: var(--soft); font-weight: 600; }
h1 { margin: .25rem 0 1rem; font-size: 1.625rem; line-height: 1.25; }
form { margin: 1.5rem 0 0; }
label { display: block; margin: 1.25rem 0 .25rem; font-weight: 600; }
input:not([type=hidden]) { width: 100%; min-height: 3rem; padding: .5rem .75rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--paper); color: var(--ink); font: inherit; }
input[aria-invalid] { border: 2px solid var(--bad); }
.hint { margin: .25rem 0 0; color: var(--soft); font-size: .9375rem; }
.captcha { margin-top: 1.5rem; }
button { width: 100%; min-height: 3rem; margin-top: 1.5rem; border: 1px solid var(--act); border-radius: .5rem; background: var(--act); color: var(--on-act); font: inherit; font-weight: 600; cursor: pointer; }
button.second { margin-top: 0; background: transparent; color: var(--act); }
:focus-visible { outline: 3px solid var(--act); outline-offset: 2px; }
.mistake { margin: 0 0 1rem; padding: .75rem 1rem; border-left: 4px solid var(--bad); background: var(--bad-paper); color: var(--bad); }
.privacy { margin-top: 2.5rem; font-size: .9375rem; }
a { color: var(--act); }
`;
