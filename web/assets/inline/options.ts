// What Epay.open takes.
import type { Standing } from './conversation';

export interface Options {
  page?: string;      // a payment page: its slug or its address
  token?: string;     // or a checkout token
  language?: string;  // "en", "fr"; without it the language of the merchant's page
  onSuccess?: (standing: Standing) => void;
  onClose?: (standing: Standing) => void;
  onError?: (error: { code: string; message: string }) => void;
}

const callbacks = ['onSuccess', 'onClose', 'onError'];
const known = ['page', 'token', 'language', ...callbacks];
const slug = /^[a-z0-9-]{1,200}$/;
const token = /^[A-Za-z0-9]{32}$/;

// A payment page's address, or nothing where it is not one of ours. A page that lets strangers write links, but no scripts, must not
// show theirs as if they were a payment.
export function pageAt(address: string, base: string): URL | undefined {
  try {
    const url = new URL(address, `${base}/`);
    if (url.href.startsWith(`${base}/pay/`) || url.href.startsWith(`${base}/checkout/`)) return url;
  } catch {
    // Not an address at all.
  }
}

// What is to be opened, and what is wrong with the options; one of the two.
export function check(options: Options, base: string): { page?: URL; problems: string[] } {
  const problems: string[] = [];
  if (typeof options !== 'object' || !options) return { problems: ['give an object, such as {page: "…"}'] };
  for (const name of Object.keys(options)) if (!known.includes(name)) problems.push(`there is no option "${name}" (there are ${known.join(', ')})`);
  for (const name of callbacks) {
    const value = options[name as 'onClose'];
    if (value !== undefined && typeof value !== 'function') problems.push(`${name} is to be a function`);
  }
  if (options.language !== undefined && typeof options.language !== 'string') problems.push('language is to be a text such as "fr"');
  let page: URL | undefined;
  if ((options.page === undefined) === (options.token === undefined)) {
    problems.push('give either page or token');
  } else if (options.token !== undefined) {
    if (token.test(options.token)) page = new URL(`${base}/checkout/${options.token}`);
    else problems.push('token is to be the 32 letters and digits that the API answered');
  } else {
    const text = String(options.page);
    page = pageAt(slug.test(text) ? `${base}/pay/${text}` : text, base);
    if (!page) problems.push(`page is to be a payment page's slug, or its address at ${base}`);
  }
  return problems.length ? { problems } : { page, problems };
}
