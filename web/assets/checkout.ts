// What the checkout does beyond its forms, which work without it: guesses the network, follows the payment live, counts
// down, and speaks with the site that shows it in a frame (/js/inline.js). It travels within every page.

const root = document.documentElement;
const find = <T extends HTMLElement>(selector: string, from: ParentNode = document) => from.querySelector<T>(selector);
const sheet = () => find('main')!;
const path = () => sheet().dataset.path;
const askEvery = 4000;
const returnsAfter = 4000;

// ---- the site around us ----

const { embed, origin } = root.dataset;
const framed = !!embed && !!origin && window.parent !== window;
const tell = (type: string, more: object = {}) => framed && window.parent.postMessage({ epay: 1, nonce: embed, type, ...more }, origin!);
const tellStatus = () => {
  const { status, reference } = sheet().dataset;
  if (status) tell('status', { status, reference });
};

if (framed) {
  addEventListener('message', async ({ source, origin: from, data }) => {
    if (source !== window.parent || from !== origin || data?.epay !== 1 || data.nonce !== embed || data.type !== 'ask') return;
    const { status, reference } = await ask().catch(() => sheet().dataset as Told);
    tell('answer', { status, reference });
  });
  // The key does not reach the site around us.
  addEventListener('keydown', ({ key }) => key === 'Escape' && tell('close'));
  new ResizeObserver(() => tell('resize', { height: Math.ceil(document.body.getBoundingClientRect().height) })).observe(document.body);
}

// ---- the payment, live ----

interface Told {
  state?: string;
  status?: string;
  reference?: string;
  revision?: string;
}
const ask = async (): Promise<Told> => (path() ? (await fetch(path() + '/state')).json() : {});

let stream: EventSource | undefined;
let asking: number | undefined;
let returning: number | undefined;

// The server says how the page looks now; it takes the place of what is shown.
async function refresh() {
  try {
    const answer = await fetch(location.href.split('#')[0]);
    const text = await answer.text();
    const part = (tag: string) => text.slice(text.indexOf(`<${tag}`), text.indexOf(`</${tag}>`) + tag.length + 3);
    // Not the whole page: its styles bear the nonce of another response.
    const fresh = new DOMParser().parseFromString(part('title') + part('main'), 'text/html');
    const main = find('main', fresh);
    if (!main) return;
    const came = main.dataset.revision !== sheet().dataset.revision;
    sheet().replaceWith(main);
    document.title = fresh.title;
    arrive();
    if (came && main.dataset.state === 'paid' && !framed) goBack();
  } catch {
    // The network is away; the next look tries again.
  }
}

// Back to the shop, unless the customer does anything.
function goBack() {
  const link = find<HTMLAnchorElement>('[data-return]');
  if (!link) return;
  returning = window.setTimeout(() => location.assign(link.href), returnsAfter);
  for (const type of ['pointerdown', 'keydown']) addEventListener(type, () => clearTimeout(returning), { once: true });
}

function hear(told: Told) {
  if (told.revision && told.revision !== sheet().dataset.revision) refresh();
}

function follow() {
  stream?.close();
  clearInterval(asking);
  const { state, revision, over } = sheet().dataset;
  const live = path() && over === undefined && state !== 'choosing' && state !== 'confirming';
  if (!live) return;
  const look = () => ask().then(hear, () => {});
  stream = new EventSource(`${path()}/events?revision=${revision}`);
  stream.addEventListener('state', (event) => hear(JSON.parse(event.data)));
  asking = window.setInterval(() => stream!.readyState !== 1 && look(), askEvery);
}

setInterval(() => {
  const clock = find('[data-countdown]');
  if (!clock) return;
  const ends = Number((clock.dataset.ends ??= String(Date.now() + Number(clock.dataset.countdown) * 1000)));
  const left = Math.max(0, Math.round((ends - Date.now()) / 1000));
  clock.hidden = false;
  clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
  if (left === 0 && !clock.dataset.done) {
    clock.dataset.done = '1';
    refresh();
  }
}, 1000);

// ---- what is shown ----

function arrive() {
  for (const link of document.querySelectorAll<HTMLAnchorElement>('[data-kept]')) {
    const kept = new URLSearchParams(location.search);
    const url = new URL(link.href);
    for (const name of ['lang', 'embed', 'origin']) if (kept.has(name)) url.searchParams.set(name, kept.get(name)!);
    link.href = url.href;
  }
  if (framed) for (const link of document.querySelectorAll<HTMLAnchorElement>('[data-return],[data-go]')) link.target = link.dataset.go === undefined ? '_top' : '_blank';
  const print = find('[data-print]');
  if (print) print.hidden = false;
  const close = find('[data-close]');
  if (close) close.hidden = !framed;
  const go = find<HTMLAnchorElement>('[data-go]');
  if (go && location.hash === '#go' && !framed) {
    history.replaceState(null, '', location.href.split('#')[0]);
    location.assign(go.href);
  }
  find('[data-focus]')?.focus();
  tellStatus();
  follow();
}

addEventListener('click', ({ target }) => {
  const button = (target as HTMLElement).closest<HTMLElement>('button');
  if (button?.dataset.print !== undefined) print();
  if (button?.dataset.close !== undefined) tell('close');
});

// One press is one payment; the server sees to that as well.
addEventListener('submit', (event) => {
  const form = event.target as HTMLFormElement;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = '1';
  find('button', form)?.setAttribute('aria-disabled', 'true');
});
addEventListener('pageshow', ({ persisted }) => {
  for (const form of document.forms) {
    delete form.dataset.sent;
    find('button', form)?.removeAttribute('aria-disabled');
  }
  if (persisted && path()) refresh();
});
addEventListener('online', () => ask().then(hear, () => {}));

// The network that has given out numbers like this, until the customer chooses one.
let chosen = false;
function guess() {
  const typed = (find<HTMLInputElement>('#number')?.value || find<HTMLInputElement>('#telephone')?.value || '').replace(/\D/g, '').replace(/^(00)?233/, '0');
  if (chosen || typed.length < 3) return;
  for (const radio of document.querySelectorAll<HTMLInputElement>('[data-prefixes]')) {
    if (radio.dataset.prefixes!.split(' ').includes(typed.slice(0, 3))) radio.checked = true;
  }
}
addEventListener('input', ({ target }) => {
  const { name, id } = target as HTMLInputElement;
  if (name === 'network') chosen = true;
  if (id === 'number' || id === 'telephone') guess();
});
chosen = !!find('[data-prefixes]:checked');
guess();

arrive();
tell('ready');
