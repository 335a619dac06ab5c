// Styles that a merchant's Content-Security-Policy without 'unsafe-inline' allows: made by script, not written into the document.
export function adopt(root: Document | ShadowRoot, text: string) {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  } catch {
    // Browsers of before 2023.
    const style = document.createElement('style');
    style.textContent = text;
    (root === document ? document.head ?? document.documentElement : root).append(style);
  }
}

// Nothing of the merchant's styles reaches into the shadow tree but what is inherited, and `all` ends that; and what a rem is, so that
// there are none.
export const modalStyle = `:host{all:initial!important}*{box-sizing:border-box}
dialog{border:0;padding:0;margin:0;width:100%;max-width:none;height:100%;max-height:none;overflow:hidden;overscroll-behavior:contain;
color-scheme:light dark;background:#fff;color:#15201b;font:16px/1.5 system-ui,sans-serif;text-align:start}
dialog[open]{display:flex;flex-direction:column}
dialog::backdrop{background:#0d1210b3}
header{flex:none;display:flex;align-items:center;padding-inline-start:16px;border-bottom:1px solid #e3e6e2}
p{margin:0}
header p{flex:1;font-weight:600}
button,a{font:inherit;font-weight:600;color:inherit;background:none;border:1px solid #858f89;border-radius:8px;min-height:44px;padding:8px 16px;
cursor:pointer;text-decoration:none;text-align:center}
header button{border:0;width:44px;padding:0;font-size:24px;line-height:1}
.main{background:#04694a;border-color:#04694a;color:#fff}
:focus-visible{outline:3px solid #0ea5e9;outline-offset:-3px}
iframe{flex:1;border:0;width:100%;min-height:0;opacity:0;display:block}
.shown iframe{opacity:1}
.wait,.broken{position:absolute;inset:48px 0 0;display:grid;place-content:center;justify-items:center;gap:16px;padding:24px;text-align:center}
.shown .wait,.lost .wait,dialog:not(.lost) .broken{display:none}
.lost iframe{visibility:hidden}
i{width:40px;height:40px;border-radius:50%;border:4px solid #858f8955;border-top-color:#04694a;animation:turn 1s linear infinite}
@keyframes turn{to{rotate:1turn}}
.ask{width:fit-content;max-width:min(384px,100% - 32px);height:fit-content;margin:auto;padding:24px;border-radius:16px}
.ask[open]{gap:16px}
.ask p:first-child{font-weight:600;font-size:18px}
@media(min-width:640px) and (min-height:480px){dialog{margin:auto;width:480px;height:fit-content;max-height:calc(100% - 48px);border-radius:16px;
box-shadow:0 24px 64px #0009}iframe{flex:0 1 auto;height:544px}}
@media(prefers-color-scheme:dark){dialog{background:#161d1a;color:#eaf0ec}header{border-color:#2a332f}}
@media(prefers-reduced-motion:reduce){i{animation:none;border-top-color:#858f89}}`;
