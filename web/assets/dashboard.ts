import './_htmx';
import 'htmx-ext-sse';
import './_chart';
// Tabler's own script is left out: menus are <details>, dialogs are <dialog>, and pages work without script.
