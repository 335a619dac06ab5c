// The extensions look for a global htmx, so it has to be there before they are.
import htmx from 'htmx.org';

// Nothing is evaluated, no style is written, nothing is asked of other origins: the pages' Content-Security-Policy
// would forbid it anyway.
Object.assign(htmx.config, { allowEval: false, allowScriptTags: false, includeIndicatorStyles: false, selfRequestsOnly: true, historyCacheSize: 0 });
(window as unknown as { htmx: typeof htmx }).htmx = htmx;
