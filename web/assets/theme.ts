// Tabler's dark colours, where the person's system asks for them. In the head, before anything is painted.
const dark = matchMedia('(prefers-color-scheme: dark)');
const apply = () => document.documentElement.setAttribute('data-bs-theme', dark.matches ? 'dark' : 'light');
apply();
dark.addEventListener('change', apply);
