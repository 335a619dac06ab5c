import './_htmx';
import 'htmx-ext-sse';
import './_chart';
// Tabler's own script is left out: menus are <details>, dialogs are <dialog>, and pages work without script.

// The preview of a payment page follows what is typed; without script there is a button for it.
const previewWait = 400;
for (const form of document.querySelectorAll<HTMLFormElement>('form[data-previews]')) {
  const button = form.querySelector<HTMLButtonElement>('[data-preview]');
  let waiting = 0;
  const show = () => form.requestSubmit(button);
  form.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, previewWait);
  });
  if (button) show();
}

// Buttons that copy a field; they are there only where that works.
for (const button of document.querySelectorAll<HTMLButtonElement>('[data-copies]')) {
  const field = document.getElementById(button.dataset.copies ?? '') as HTMLInputElement | null;
  if (!field || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(field.value);
    const label = button.textContent;
    button.textContent = button.dataset.copied ?? label;
    setTimeout(() => (button.textContent = label), 2_000);
  });
}
