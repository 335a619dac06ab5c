// /js/inline.js: what a merchant's page loads. It makes buttons of `epay_inline` links and offers Epay.open; both show a payment page of
// ours in a modal over the merchant's page. What merchants may rely on stands in docs/embedding.md. It runs among scripts and styles that
// it knows nothing of: it has one global, throws nothing into their code, and takes nothing of theirs for granted.
import { isOpen, openModal, supported, type Handle } from './inline/modal';
import { check, pageAt, type Options } from './inline/options';
import type { Standing } from './inline/conversation';
import { adopt } from './inline/style';

// Weighs nothing against what the merchant says of buttons.
const buttonStyle = `:where(.epay-pay-button){font:600 16px/1.25 system-ui,sans-serif;min-height:44px;padding:8px 20px;border:0;border-radius:8px;
background:#04694a;color:#fff;cursor:pointer}:where(.epay-pay-button:hover){background:#03543b}
:where(.epay-pay-button:focus-visible){outline:3px solid #0ea5e9;outline-offset:2px}`;
const defaultText = 'Pay Now';
const links = 'a.epay_inline';

// Where this script comes from, without "/js/inline.js": there the pages are.
function findBase(): string | undefined {
  const named = document.querySelector<HTMLScriptElement>('script[src*="/js/inline.js"]');
  const { src } = (document.currentScript as HTMLScriptElement | null) ?? named ?? {};
  return src?.includes('/js/inline.js') ? src.slice(0, src.indexOf('/js/inline.js')) : undefined;
}

const complain = (message: string) => console.error(`Epay: ${message}`);

function start(base: string) {
  function open(options: Options = {}, opener?: Element): Handle {
    const none: Handle = { close: () => Promise.resolve<Standing>({ status: 'none', reference: null }) };
    const { page, problems } = check(options, base);
    if (page && !isOpen()) return openModal(page, options, opener, complain);
    if (page) problems.push('a payment page is open already; close it first');
    // Whoever called is not interrupted: what is wrong is for the developer, not for the customer.
    const message = `Epay.open: ${problems.join('; ')}`;
    complain(message);
    if (typeof options?.onError === 'function') options.onError({ code: page ? 'already_open' : 'invalid_options', message });
    return none;
  }

  const refused = new WeakSet<Element>();

  function makeButton(link: HTMLAnchorElement) {
    const address = link.getAttribute('data-payment_page');
    if (!address) return;  // its attributes may yet come
    const page = pageAt(address, base);
    if (!page) {
      if (!refused.has(link)) complain(`data-payment_page is to be the address of a payment page at ${base}, and is "${address}"`);
      refused.add(link);
      return;
    }
    if (!supported) {
      if (!link.href) link.href = page.href;
      return;
    }
    const button = document.createElement('button');
    for (const { name, value } of link.attributes) if (/^(id|title|lang|data-|aria-)/.test(name)) button.setAttribute(name, value);
    button.type = 'button';
    button.className = link.className.replace(/\bepay_inline\b/, 'epay-pay-button');
    const text = link.getAttribute('data-pay_button_text');
    if (text || !link.hasChildNodes()) button.textContent = text || defaultText;
    else button.append(...link.childNodes);
    button.addEventListener('click', () => {
      const tell = (name: string) => (detail: unknown) => button.dispatchEvent(new CustomEvent(`epay:${name}`, { bubbles: true, detail }));
      open({ page: page.href, onSuccess: tell('success'), onClose: tell('close'), onError: tell('error') }, button);
    });
    link.replaceWith(button);
  }

  const makeButtons = (root: ParentNode) => root.querySelectorAll<HTMLAnchorElement>(links).forEach(makeButton);

  adopt(document, buttonStyle);
  makeButtons(document);
  // The body may not be read yet, and a page may add links whenever it likes.
  new MutationObserver((changes) => {
    if (changes.some(({ addedNodes, target, type }) => (type === 'childList' ? addedNodes.length : (target as Element).matches(links)))) makeButtons(document);
  }).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ['class', 'data-payment_page'] });
  return { open: (options: Options) => open(options) };
}

type Global = { Epay?: ReturnType<typeof start> };
if (!(window as Global).Epay) {
  const base = findBase();
  if (base) (window as Global).Epay = start(base);
  else complain('inline.js does not know where it was loaded from: load it with <script src="…/js/inline.js">');
}
