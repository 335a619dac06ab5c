// The test phone, live: looks for news every second while somebody looks at it, and lets its keys type.
const pause = 1_000;

const phone = () => document.getElementById('phone')!;
const pin = () => document.getElementById('pin') as HTMLInputElement | null;

function showKeys() {
  phone().querySelector('.keys')?.removeAttribute('hidden');
}

document.addEventListener('click', (event) => {
  const key = (event.target as Element).closest<HTMLButtonElement>('.keys button');
  const field = pin();
  if (!key || !field) return;
  if (key.dataset.key === 'send') field.form!.querySelector<HTMLButtonElement>('[value=approve]')!.click();
  else if (key.dataset.key === 'back') field.value = field.value.slice(0, -1);
  else if (field.value.length < field.maxLength) field.value += key.textContent;
});

async function text(url: string): Promise<string | undefined> {
  try {
    const answer = await fetch(url, { headers: { accept: 'text/html, text/plain' } });
    return answer.ok ? await answer.text() : undefined;
  } catch {
    return undefined; // the network is away; the next look may find it
  }
}

// Puts what is new in its place; what somebody has begun to type for the same prompt stays.
async function renew() {
  const html = await text(location.pathname);
  if (html === undefined) return;
  const fresh = new DOMParser().parseFromString(html, 'text/html');
  const typed = pin();
  const focused = typed !== null && document.activeElement === typed;
  for (const id of ['phone', 'beside']) document.getElementById(id)!.replaceWith(fresh.getElementById(id)!);
  const field = pin();
  if (field && typed && field.dataset.reference === typed.dataset.reference) field.value = typed.value;
  if (field && (focused || !typed)) field.focus({ preventScroll: true });
  showKeys();
}

async function look() {
  if (!document.hidden) {
    const version = await text(phone().dataset.state!);
    if (version !== undefined && version !== phone().dataset.version) await renew();
  }
  setTimeout(look, pause);
}

showKeys();
setTimeout(look, pause);
