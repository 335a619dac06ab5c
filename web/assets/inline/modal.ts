// The modal: a dialog in a shadow tree of its own, with the payment page in a frame.
import { converse, newNonce, type Standing } from './conversation';
import type { Options } from './options';
import { adopt, modalStyle } from './style';

// Put in by scripts/bundle.mjs: the section "inline" of each web/texts/*.json.
declare const EPAY_INLINE_TEXTS: Record<string, Record<string, string>>;

export interface Handle {
  close(): Promise<Standing>;  // at once, without asking the customer
}

const readyTimeMax = 30_000;
const readyAfterLoadTimeMax = 5_000;  // a page that may not be shown here loads too, but says nothing
const doubleClickTime = 500;          // the second click of whoever opened it by two

export const supported = !!window.HTMLDialogElement?.prototype.showModal && !!Element.prototype.attachShadow;

let opened = false;
export const isOpen = () => opened;

function element<Name extends keyof HTMLElementTagNameMap>(name: Name, attributes: Record<string, string> = {}, ...content: (Node | string)[]) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...content);
  return made;
}

function button(text: string, attributes: Record<string, string>, onClick: () => void) {
  const made = element('button', { type: 'button', ...attributes }, text);
  made.addEventListener('click', onClick);
  return made;
}

// Keeps what is behind from scrolling, and from jumping when its scroll bar goes. Gives what ends that.
function holdStill(): () => void {
  const { documentElement: html, body } = document;
  const wanted: [HTMLElement, string, string][] = [
    [html, 'overflow', 'hidden'],
    [body, 'overflow', 'hidden'],
    [html, 'padding-right', `${parseFloat(getComputedStyle(html).paddingRight) + innerWidth - html.clientWidth}px`],
  ];
  const before = wanted.map(([{ style }, name, value]) => {
    const was = [style.getPropertyValue(name), style.getPropertyPriority(name)];
    style.setProperty(name, value, 'important');
    return was;
  });
  return () => wanted.forEach(([{ style }, name], i) => style.setProperty(name, ...(before[i] as [string, string])));
}

export function openModal(page: URL, options: Options, opener: Element | undefined, complain: (message: string) => void): Handle {
  const asked = (options.language ?? document.documentElement.lang).slice(0, 2).toLowerCase();
  const language = EPAY_INLINE_TEXTS[asked] ? asked : 'en';
  const text = EPAY_INLINE_TEXTS[language];
  const focused = opener ?? document.activeElement;
  const nonce = newNonce();
  let standing: Standing = { status: 'none', reference: null };
  let ready = false;
  let closing: Promise<Standing> | undefined;
  const openedAt = performance.now();

  // A merchant's callback that throws is the merchant's to see, and changes nothing here.
  const tell = <Detail>(callback: ((detail: Detail) => void) | undefined, detail: Detail) => callback && setTimeout(() => callback(detail));

  const frame = element('iframe', { title: text.frame, allow: 'payment' });
  const dialog = element(
    'dialog',
    { 'aria-labelledby': 'title', lang: language, dir: 'ltr' },
    element('header', {}, element('p', { id: 'title' }, text.title), button('×', { 'aria-label': text.close }, requestClose)),
    element('p', { class: 'wait', role: 'status' }, element('i'), text.loading),
    element(
      'div',
      { class: 'broken', role: 'alert' },
      element('p', {}, text.broken),
      element('a', { class: 'main', href: page.href, target: '_blank', rel: 'noopener' }, text.open_page),
    ),
    frame,
  );
  const question = element(
    'dialog',
    { class: 'ask', role: 'alertdialog', 'aria-labelledby': 'ask', 'aria-describedby': 'why', lang: language, dir: 'ltr' },
    element('p', { id: 'ask' }, text.ask),
    element('p', { id: 'why' }, text.ask_why),
    button(text.stay, { class: 'main' }, () => question.close()),
    button(text.leave, {}, () => void close()),
  );

  const conversation = converse(frame, page.origin, nonce, {
    ready() {
      if (closing) return;
      stopWaiting();
      dialog.className = 'shown';
      if (!ready) frame.focus();
      ready = true;
    },
    resize: (height) => (frame.style.height = `${height}px`),
    standing: learn,
    close: requestClose,
  });

  function learn(told: Standing) {
    const first = told.status === 'success' && standing.status !== 'success';
    standing = told;
    if (first) tell(options.onSuccess, told);
    if (told.status !== 'pending') question.close();
  }

  // Whoever has a payment under way is asked first.
  function requestClose() {
    if (closing) return;
    if (standing.status !== 'pending') void close();
    else if (!question.open) question.showModal();
  }

  function close(): Promise<Standing> {
    closing ??= end();
    return closing;
  }

  async function end() {
    stopWaiting();
    question.close();
    dialog.close();
    letScroll();
    opened = false;
    if (focused?.isConnected) (focused as HTMLElement).focus?.();
    // The frame still lives, unseen, until it has answered.
    if (ready && standing.status !== 'success') {
      const { reference } = standing;
      const answer = await conversation.ask();
      learn(answer.status === 'unknown' ? { ...answer, reference } : answer);
    }
    conversation.end();
    host.remove();
    tell(options.onClose, standing);
    return standing;
  }

  function giveUp() {
    stopWaiting();
    dialog.className = 'lost';
    const message = `${page.href} did not open within the modal. Is ${location.origin} among the addresses that its merchant allows?`;
    complain(message);
    tell(options.onError, { code: 'frame_failed', message });
  }

  let waiting = [setTimeout(giveUp, readyTimeMax)];
  function stopWaiting() {
    waiting.forEach(clearTimeout);
    waiting = [];
  }
  frame.addEventListener('load', () => waiting.length && !ready && waiting.push(setTimeout(giveUp, readyAfterLoadTimeMax)));

  // Escape, and the back gesture of phones.
  for (const each of [dialog, question]) {
    each.addEventListener('cancel', (event) => {
      event.preventDefault();
      if (each === question) question.close();
      else requestClose();
    });
  }
  // A browser lets nobody keep a dialog from being closed for long; then it is opened again for the question.
  dialog.addEventListener('close', () => {
    if (closing) return;
    dialog.showModal();
    requestClose();
  });
  dialog.addEventListener('click', ({ target, clientX, clientY }) => {
    const { left, right, top, bottom } = dialog.getBoundingClientRect();
    const outside = clientX < left || clientX > right || clientY < top || clientY > bottom;
    if (target === dialog && outside && performance.now() - openedAt > doubleClickTime) requestClose();
  });

  const host = element('div');
  const root = host.attachShadow({ mode: 'open' });
  adopt(root, modalStyle);
  root.append(dialog, question);
  const source = new URL(page);
  source.searchParams.set('embed', nonce);
  source.searchParams.set('origin', location.origin);
  if (options.language) source.searchParams.set('lang', language);
  frame.src = source.href;
  document.body.append(host);
  const letScroll = holdStill();
  opened = true;
  dialog.showModal();
  return { close };
}
